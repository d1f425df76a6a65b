-- Matched pairs whose fields differ, on the fields that both platforms can hold.
--
-- `is distinct from` counts a value that one side lacks as a difference too.

create temp macro is_compared(field) as list_contains(getvariable('compared_fields')::varchar[], field);

create temp table differing_pairs as
select
    p.source_seq,
    p.destination_seq,
    p.matched_by,
    list_filter([
        case when is_compared('name') and s.name_key is distinct from d.name_key then 'name' end,
        case when is_compared('phone') and s.phone_key is distinct from d.phone_key then 'phone' end,
        case when is_compared('address') and s.address_key is distinct from d.address_key then 'address' end,
        case when is_compared('consent') and s.consent is distinct from d.consent then 'consent' end,
        case when is_compared('tags') and s.tags_key is distinct from d.tags_key then 'tags' end
    ], lambda field: field is not null) as fields
from pairs as p
join source_rows as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq
where (is_compared('name') and s.name_key is distinct from d.name_key)
   or (is_compared('phone') and s.phone_key is distinct from d.phone_key)
   or (is_compared('address') and s.address_key is distinct from d.address_key)
   or (is_compared('consent') and s.consent is distinct from d.consent)
   or (is_compared('tags') and s.tags_key is distinct from d.tags_key);

create temp view field_differences as
select
    person.* exclude (seq, destination_id),
    d.id as destination_id,
    p.matched_by,
    p.fields,
    trim(s.first_name || ' ' || s.last_name) as source_name,
    trim(d.first_name || ' ' || d.last_name) as destination_name,
    s.phone as source_phone,
    d.phone as destination_phone,
    s.address as source_address,
    d.address as destination_address,
    coalesce(s.consent, '') as source_consent,
    coalesce(d.consent, '') as destination_consent,
    s.tags as source_tags,
    d.tags as destination_tags
from differing_pairs as p
join source_people as person on person.seq = p.source_seq
join source_rows as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq;
