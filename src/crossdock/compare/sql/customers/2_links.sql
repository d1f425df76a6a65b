-- Links: what the ledger and the markers already say.
--
-- A link counts only if both of its records are in the snapshots. Each record is linked once at most: the ledger before
-- the markers, then the lowest id. Ids of one store differ in their number only, so that the shorter one is the lower.

create temp table ledger_pairs as
with candidates as (
    select s.seq as source_seq, s.id as source_id, d.seq as destination_seq, d.id as destination_id
    from links as l
    join source_rows as s on s.id = l.source_id
    join destination as d on d.id = l.destination_id
),
first_of_source as (
    select * from candidates
    qualify row_number() over (partition by source_seq order by length(destination_id), destination_id) = 1
)
select source_seq, destination_seq from first_of_source
qualify row_number() over (partition by destination_seq order by length(source_id), source_id) = 1;

-- A marker stands on the record that we made: on the destination's after a migration, on the source's after one the other
-- way round.
create temp table marked as
select seq, id, substr(marker, length(getvariable('source_prefix')) + 1) as other_id, 'destination' as side
from destination_rows
where starts_with(marker, getvariable('source_prefix')) and not is_guest
union all
select seq, id, substr(marker, length(getvariable('destination_prefix')) + 1), 'source'
from source_rows
where starts_with(marker, getvariable('destination_prefix'));

create temp table marker_pairs as
with named as (
    select s.seq as source_seq, s.id as source_id, m.seq as destination_seq, m.id as destination_id
    from marked as m
    join source_rows as s on s.id = m.other_id
    where m.side = 'destination'
    union
    select m.seq, m.id, d.seq, d.id
    from marked as m
    join destination as d on d.id = m.other_id
    where m.side = 'source'
),
candidates as (
    select * from named
    where source_seq not in (select source_seq from ledger_pairs)
      and destination_seq not in (select destination_seq from ledger_pairs)
),
first_of_source as (
    select * from candidates
    qualify row_number() over (partition by source_seq order by length(destination_id), destination_id) = 1
)
select source_seq, destination_seq from first_of_source
qualify row_number() over (partition by destination_seq order by length(source_id), source_id) = 1;

-- A source record that a filter keeps out still holds its destination record: that one matches nobody else.
create temp table linked as
select source_seq, destination_seq from ledger_pairs
union all
select source_seq, destination_seq from marker_pairs;

create temp table pairs as
select source_seq, destination_seq, 'link' as matched_by
from linked
where source_seq in (select seq from source);

-- A link to what is no longer there: the record is missing again, and its row says when it had been migrated.
create temp table stale_links as
select l.source_id, max(l.linked_at) as linked_at, max_by(l.destination_id, l.linked_at) as destination_id
from links as l
anti join destination_rows as d on d.id = l.destination_id
group by l.source_id;
