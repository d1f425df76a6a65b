-- Matched pairs whose fields differ, on the fields that both platforms can hold.
--
-- Hashes are compared in place of texts, so that millions of pairs fit in memory; a missing value has a hash of its own,
-- and so a value that one side lacks is a difference too. Two texts with one 64-bit hash would go unnoticed: once in
-- 10^19 pairs.

create temp macro is_compared(field) as list_contains(getvariable('compared_fields')::varchar[], field);

create temp table differing_pairs as
with source_fields as (
    select
        seq, hash(name_key) as name, hash(phone_key) as phone, hash(address_key) as address,
        hash(consent) as consent, hash(tags_key) as tags
    from source_rows
),
destination_fields as (
    select
        seq, hash(name_key) as name, hash(phone_key) as phone, hash(address_key) as address,
        hash(consent) as consent, hash(tags_key) as tags
    from destination_rows
)
select
    p.source_seq,
    p.destination_seq,
    p.matched_by,
    list_filter([
        case when is_compared('name') and s.name <> d.name then 'name' end,
        case when is_compared('phone') and s.phone <> d.phone then 'phone' end,
        case when is_compared('address') and s.address <> d.address then 'address' end,
        case when is_compared('consent') and s.consent <> d.consent then 'consent' end,
        case when is_compared('tags') and s.tags <> d.tags then 'tags' end
    ], lambda field: field is not null) as fields
from pairs as p
join source_fields as s on s.seq = p.source_seq
join destination_fields as d on d.seq = p.destination_seq
where (is_compared('name') and s.name <> d.name)
   or (is_compared('phone') and s.phone <> d.phone)
   or (is_compared('address') and s.address <> d.address)
   or (is_compared('consent') and s.consent <> d.consent)
   or (is_compared('tags') and s.tags <> d.tags);

create temp view field_differences as
select
    s.id as source_id,
    d.id as destination_id,
    person_label(s.email, s.first_name, s.last_name, s.phone) as label,
    s.email, s.first_name, s.last_name, s.phone, s.created_at, s.order_count, s.is_guest,
    coalesce(s.email_key, '') as email_key,
    s.name_key,
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
join source_rows as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq;
