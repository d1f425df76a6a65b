-- Links: what the ledger and the markers already say.
--
-- A draft of ours that was completed has become an order: every link to it means that order. A link counts only if both
-- of its records are in the snapshots. Each record is linked once at most: the ledger before the markers, an order before
-- a draft, then the lowest id. Ids of one store differ in their number only, so that the shorter one is the lower.

create temp table source_became as
select id, became_id from source_rows where is_draft and became_id <> '';

create temp table destination_became as
select id, became_id from destination_rows where is_draft and became_id <> '';

create temp table ledger_links as
select
    coalesce(s.became_id, l.source_id) as source_id,
    coalesce(d.became_id, l.destination_id) as destination_id,
    l.linked_at
from links as l
left join source_became as s on s.id = l.source_id
left join destination_became as d on d.id = l.destination_id;

-- A marker stands on the record that we made: on the destination's after a migration, on the source's after one the other
-- way round.
create temp table marker_links as
select
    'destination' as marked_side,
    coalesce(s.became_id, substr(m.marker, length(getvariable('source_prefix')) + 1)) as source_id,
    coalesce(nullif(m.became_id, ''), m.id) as destination_id
from destination_rows as m
left join source_became as s on s.id = substr(m.marker, length(getvariable('source_prefix')) + 1)
where starts_with(m.marker, getvariable('source_prefix'))
union all
select
    'source',
    coalesce(nullif(m.became_id, ''), m.id),
    coalesce(d.became_id, substr(m.marker, length(getvariable('destination_prefix')) + 1))
from source_rows as m
left join destination_became as d on d.id = substr(m.marker, length(getvariable('destination_prefix')) + 1)
where starts_with(m.marker, getvariable('destination_prefix'));

create temp table linkable as
select
    s.seq as source_seq, s.id as source_id, d.seq as destination_seq, d.id as destination_id, d.is_draft,
    l.said_by, l.marked_side
from (
    select 'ledger' as said_by, '' as marked_side, source_id, destination_id from ledger_links
    union all
    select 'marker', marked_side, source_id, destination_id from marker_links
) as l
join source_rows as s on s.id = l.source_id and not s.is_draft
join destination_rows as d on d.id = l.destination_id and not (d.is_draft and d.became_id <> '');

create temp table linked as
with first_of_source as (
    select * from linkable
    where said_by = 'ledger'
    qualify row_number() over (partition by source_seq order by is_draft, length(destination_id), destination_id) = 1
)
select source_seq, destination_seq, is_draft from first_of_source
qualify row_number() over (partition by destination_seq order by length(source_id), source_id) = 1;

insert into linked
with candidates as (
    select * from linkable
    where said_by = 'marker'
      and source_seq not in (select source_seq from linked)
      and destination_seq not in (select destination_seq from linked)
),
first_of_source as (
    select * from candidates
    qualify row_number() over (partition by source_seq order by is_draft, length(destination_id), destination_id) = 1
)
select source_seq, destination_seq, is_draft from first_of_source
qualify row_number() over (partition by destination_seq order by length(source_id), source_id) = 1;

-- A further copy that we made of a linked order is known to be that order: it is a duplicate of the one that is linked.
create temp table source_duplicates as
select l.source_seq as seq, min(r.id) as representative_id
from linkable as l
join linked as k on k.destination_seq = l.destination_seq
join source_rows as r on r.seq = k.source_seq
where l.marked_side = 'source'
  and l.source_seq not in (select source_seq from linked)
  and l.source_seq in (select seq from source)
group by l.source_seq;

create temp table destination_duplicates as
select l.destination_seq as seq, min(r.id) as representative_id
from linkable as l
join linked as k on k.source_seq = l.source_seq
join destination_rows as r on r.seq = k.destination_seq
where l.marked_side = 'destination'
  and l.destination_seq not in (select destination_seq from linked)
  and l.destination_seq in (select seq from destination)
group by l.destination_seq;

-- An order whose partner a filter keeps out still belongs to it and matches nobody else.
create temp view source_free as
select s.* from source as s
anti join linked as l on l.source_seq = s.seq
anti join source_duplicates as x on x.seq = s.seq;

create temp view destination_free as
select d.* from destination as d
anti join linked as l on l.destination_seq = d.seq
anti join destination_duplicates as x on x.seq = d.seq;

create temp table pairs as
select
    source_seq, destination_seq, case when is_draft then 'draft' else 'link' end as matched_by, false as is_suspect
from linked
where source_seq in (select seq from source);

-- A link to what is no longer there: the order is missing again, and its row says when it had been migrated.
create temp table stale_links as
with known as (
    select source_id, destination_id, linked_at from ledger_links
    union all
    select source_id, destination_id, '' from marker_links where marked_side = 'destination'
)
select k.source_id, max(k.linked_at) as linked_at, max_by(k.destination_id, k.linked_at) as destination_id
from known as k
anti join destination_rows as d on d.id = k.destination_id
group by k.source_id;
