-- The lists: every record of the source is now matched, missing, a duplicate or unmatchable.

create temp table source_missing as
select s.seq from source_left as s
anti join source_unmatchable as u on u.seq = s.seq;

-- A record as the lists show it. The label names it for people: its address, else its name, else its telephone.
create temp macro person_label(email, first_name, last_name, phone) as
    coalesce(nullif(email, ''), nullif(trim(first_name || ' ' || last_name), ''), phone);

create temp view source_people as
select
    seq, 'source' as side, id as source_id, '' as destination_id,
    person_label(email, first_name, last_name, phone) as label,
    email, first_name, last_name, phone, created_at, order_count, is_guest,
    coalesce(email_key, '') as email_key, name_key
from source_rows;

create temp view destination_people as
select
    seq, 'destination' as side, '' as source_id, id as destination_id,
    person_label(email, first_name, last_name, phone) as label,
    email, first_name, last_name, phone, created_at, order_count, is_guest,
    coalesce(email_key, '') as email_key, name_key
from destination_rows;

create temp view only_in_source as
select
    p.* exclude (seq),
    stale.destination_id as stale_destination_id,
    stale.linked_at as stale_linked_at
from source_people as p
semi join source_missing as m on m.seq = p.seq
left join stale_links as stale on stale.source_id = p.source_id;

create temp view duplicates as
select p.* exclude (seq), x.representative_id
from source_people as p join source_duplicates as x using (seq)
union all
select p.* exclude (seq), x.representative_id
from destination_people as p join destination_duplicates as x using (seq);

create temp view unmatchable as
select p.* exclude (seq), u.reason
from source_people as p join source_unmatchable as u using (seq)
union all
select p.* exclude (seq), u.reason
from destination_people as p join destination_unmatchable as u using (seq);

-- A warning goes with a match by e-mail whose account is no customer's (an editor's, an administrator's).
create temp view matches as
select
    s.id as source_id,
    d.id as destination_id,
    p.matched_by,
    case when p.matched_by = 'email' and d.has_other_role then ['other_role'] else []::varchar[] end as warnings
from pairs as p
join source as s on s.seq = p.source_seq
join destination as d on d.seq = p.destination_seq;
