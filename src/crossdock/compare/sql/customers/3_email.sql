-- E-mail: one record of each address represents it on each side, and representatives of one address match.
--
-- A linked record represents before others, then an account before a guest, then the newest, then the highest id. The
-- others that are not linked are its duplicates. Only addresses that occur more than once are put in order.

create temp table source_duplicates as
with repeated as (
    select email_key from source where email_key is not null group by email_key having count(*) > 1
),
ranked as (
    select
        s.seq,
        l.source_seq is not null as is_linked,
        first_value(s.id) over best_first as representative_id,
        row_number() over best_first as place
    from (from source semi join repeated using (email_key)) as s
    left join linked as l on l.source_seq = s.seq
    window best_first as (
        partition by s.email_key
        order by
            l.source_seq is not null desc, s.is_guest, s.created_at desc nulls last, length(s.id) desc, s.id desc
    )
)
select seq, representative_id from ranked where place > 1 and not is_linked;

create temp table destination_duplicates as
with repeated as (
    select email_key from destination where email_key is not null group by email_key having count(*) > 1
),
ranked as (
    select
        d.seq,
        l.destination_seq is not null as is_linked,
        first_value(d.id) over best_first as representative_id,
        row_number() over best_first as place
    from (from destination semi join repeated using (email_key)) as d
    left join linked as l on l.destination_seq = d.seq
    window best_first as (
        partition by d.email_key
        order by
            l.destination_seq is not null desc, d.is_guest, d.created_at desc nulls last, length(d.id) desc, d.id desc
    )
)
select seq, representative_id from ranked where place > 1 and not is_linked;

create temp view source_free as
select s.* from source as s
anti join linked as l on l.source_seq = s.seq
anti join source_duplicates as x on x.seq = s.seq;

create temp view destination_free as
select d.* from destination as d
anti join linked as l on l.destination_seq = d.seq
anti join destination_duplicates as x on x.seq = d.seq;

insert into pairs
select s.seq, d.seq, 'email'
from source_free as s
join destination_free as d using (email_key);
