-- The rules after links, in the order in which they are tried, and what two orders must have in common for each.
--
-- A number is given by each store on its own, so that it counts as evidence only beside two of e-mail, total and time.
-- Orders that agree in e-mail, total and time come next. Equal numbers with less evidence come last, so that such a pair
-- takes no order away from a certain one: they count as matched, and a person is asked to look at them.

create temp table rules as
select * from (
    values
    --  place  matched_by  is_suspect  number  email  money  reach in seconds, null where time is not asked for
        (1,  'number',     false,      true,  true,  'total', 86400),
        (2,  'number',     false,      true,  true,  'total', null),
        (3,  'number',     false,      true,  true,  '',      86400),
        (4,  'number',     false,      true,  false, 'total', 86400),
        (5,  'email_total_time', false, false, true, 'total', getvariable('match_window_hours')::bigint * 3600),
        (6,  'email_total_time', false, false, true, 'paid',  getvariable('match_window_hours')::bigint * 3600),
        (7,  'number',     true,       true,  true,  '',      null),
        (8,  'number',     true,       true,  false, 'total', null),
        (9,  'number',     true,       true,  false, '',      86400),
        (10, 'number',     true,       true,  false, '',      null)
) as rule (place, matched_by, is_suspect, has_number, has_email, money, reach);

set variable place = 0;

-- What one rule pairs: its records that share a key with several others. `side` is `source` or `destination`.
create temp table crowd (seq bigint, side varchar, key ubigint, moment bigint);

create temp view crowd_left as
select c.* from crowd as c
where not exists (from pairs as p where c.side = 'source' and p.source_seq = c.seq)
  and not exists (from pairs as p where c.side = 'destination' and p.destination_seq = c.seq);

create temp macro is_near(one, other, reach) as abs(one - other) <= reach;

-- Pairs the first with the first, the second with the second, within each key.
create temp macro pairs_in_order() as table
with ranked as (
    select seq, side, key, row_number() over (partition by side, key order by moment nulls last, seq) as place
    from crowd_left
)
select s.seq as source_seq, d.seq as destination_seq
from ranked as s join ranked as d using (key, place)
where s.side = 'source' and d.side = 'destination';

-- The same among equal times.
create temp macro pairs_of_one_moment() as table
with ranked as (
    select seq, side, key, moment, row_number() over (partition by side, key, moment order by seq) as place
    from crowd_left
)
select s.seq as source_seq, d.seq as destination_seq
from ranked as s join ranked as d using (key, moment, place)
where s.side = 'source' and d.side = 'destination';

-- Keys with as many records here as there, which paired in order of time are all near each other: a constant shift.
create temp macro pairs_of_whole_keys(reach) as table
with ranked as (
    select
        seq, side, key, moment,
        row_number() over (partition by side, key order by moment, seq) as place,
        count(*) over (partition by side, key) as size
    from crowd_left
)
select s.seq as source_seq, d.seq as destination_seq
from ranked as s join ranked as d using (key, place, size)
where s.side = 'source' and d.side = 'destination'
qualify bool_and(is_near(s.moment, d.moment, reach)) over (partition by key);

-- Pairs in order of time within cells of the time line. All that share a cell of two halves are near each other when a
-- half is half of what counts as near. `shift` moves the cells.
create temp macro pairs_of_cells(half, shift) as table
with ranked as (
    select
        seq, side, key, (moment + shift) // (2 * half) as cell,
        row_number() over (partition by side, key, (moment + shift) // (2 * half) order by moment, seq) as place
    from crowd_left
)
select s.seq as source_seq, d.seq as destination_seq
from ranked as s join ranked as d using (key, cell, place)
where s.side = 'source' and d.side = 'destination';

-- Pairs across a half cell. After both ways to cut the time line, two neighbouring halves hold records of one side only,
-- so that whoever is still near somebody is so across one half: an early record with a late one that lies as far or less
-- far into its half. That is a queue in which the late ones wait and the early ones serve: the n-th to be served is the
-- n-th that waits, and an early record goes empty when the early ones seen so far outnumber the late ones as never before.
-- `phase` tells which halves meet: 0 and 2, 1 and 3 of each four, or with 2 the others.
create temp macro pairs_across_a_half(half, phase) as table
with halves as (
    select seq, side, key, moment // half as half_no, moment % half as offset_seconds
    from crowd_left
),
met as (
    select
        seq, side, key, offset_seconds,
        (half_no + phase) // 4 * 2 + half_no % 2 as meeting,
        (half_no + phase) % 4 >= 2 as is_late
    from halves
),
counted as (
    select
        *,
        count(*) filter (not is_late) over in_line as early,
        count(*) filter (is_late) over in_line as late
    from met
    window in_line as (
        partition by key, meeting
        order by offset_seconds, is_late desc, seq
        rows between unbounded preceding and current row
    )
),
balanced as (
    select
        *,
        greatest(0, max(early - late) over (
            partition by key, meeting
            order by offset_seconds, is_late desc, seq
            rows between unbounded preceding and current row
        )) as unserved
    from counted
),
served as (
    select *, lag(unserved, 1, 0) over (
        partition by key, meeting order by offset_seconds, is_late desc, seq
    ) as unserved_before
    from balanced
)
select
    case when e.side = 'source' then e.seq else l.seq end as source_seq,
    case when e.side = 'source' then l.seq else e.seq end as destination_seq
from served as e
join served as l
  on l.key = e.key and l.meeting = e.meeting and l.side <> e.side and l.is_late and l.late = e.early - e.unserved
where not e.is_late and e.unserved = e.unserved_before;
