-- First name, last name and telephone together, where either record lacks an e-mail.
--
-- Only records without an e-mail can be duplicates of each other here: two people who share a telephone and a name but
-- have two addresses are two customers.

insert into source_duplicates
with ranked as (
    select
        s.seq,
        l.source_seq is not null as is_linked,
        first_value(s.id) over best_first as representative_id,
        row_number() over best_first as place
    from source as s
    left join linked as l on l.source_seq = s.seq
    where s.email_key is null and s.name_phone_key is not null
    window best_first as (
        partition by s.name_phone_key
        order by
            l.source_seq is not null desc, s.is_guest, s.created_at desc nulls last, length(s.id) desc, s.id desc
    )
)
select seq, representative_id from ranked where place > 1 and not is_linked;

insert into destination_duplicates
with ranked as (
    select
        d.seq,
        l.destination_seq is not null as is_linked,
        first_value(d.id) over best_first as representative_id,
        row_number() over best_first as place
    from destination as d
    left join linked as l on l.destination_seq = d.seq
    where d.email_key is null and d.name_phone_key is not null
    window best_first as (
        partition by d.name_phone_key
        order by
            l.destination_seq is not null desc, d.is_guest, d.created_at desc nulls last, length(d.id) desc, d.id desc
    )
)
select seq, representative_id from ranked where place > 1 and not is_linked;

create temp view source_left as
select s.* from source_free as s
anti join pairs as p on p.source_seq = s.seq;

create temp view destination_left as
select d.* from destination_free as d
anti join pairs as p on p.destination_seq = d.seq;

-- Of each key at most one record a side lacks an e-mail by now, so that no candidate list grows beyond its records.
create temp table name_phone_candidates as
select s.seq as source_seq, d.seq as destination_seq
from source_left as s
join destination_left as d using (name_phone_key)
where s.email_key is null
union all
select s.seq, d.seq
from source_left as s
join destination_left as d using (name_phone_key)
where s.email_key is not null and d.email_key is null;

create temp table name_phone_pairs as
select source_seq, destination_seq
from name_phone_candidates
qualify count(*) over (partition by source_seq) = 1 and count(*) over (partition by destination_seq) = 1;

-- Where several could be meant, none is chosen: a wrong match hides a customer, a wrong copy doubles one.
create temp table source_unmatchable as
select distinct source_seq as seq, 'ambiguous_candidates' as reason
from name_phone_candidates
where source_seq not in (select source_seq from name_phone_pairs)
union all
select seq, 'no_usable_key' from source_left where email_key is null and name_phone_key is null;

create temp table destination_unmatchable as
select distinct destination_seq as seq, 'ambiguous_candidates' as reason
from name_phone_candidates
where destination_seq not in (select destination_seq from name_phone_pairs)
union all
select seq, 'no_usable_key' from destination_left where email_key is null and name_phone_key is null;

insert into pairs select source_seq, destination_seq, 'name_phone' from name_phone_pairs;
