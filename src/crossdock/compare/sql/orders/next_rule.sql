-- Starts the next rule: gives each candidate the key that the rule demands, pairs those whose key occurs once a side, and
-- leaves the others in `crowd`.

set variable place = getvariable('place') + 1;
create or replace temp table rule as from rules where place = getvariable('place');
create or replace temp view verdict as select matched_by, is_suspect from rule;
set variable has_number = (select has_number from rule);
set variable has_email = (select has_email from rule);
set variable money = (select money from rule);
set variable reach = (select reach from rule);

-- Null where the record lacks something that the rule demands: such a record is not tried.
create or replace temp macro key_of(number, email, total, paid) as
    case
        when getvariable('has_number') and number is null then null
        when getvariable('has_email') and email is null then null
        else hash(
            case when getvariable('has_number') then number end,
            case when getvariable('has_email') then email end,
            case getvariable('money') when 'total' then total when 'paid' then paid end
        )
    end;

create or replace temp table source_keys as
select seq, moment, key_of(number, email, total, paid) as key
from source_candidates
where key is not null and (getvariable('reach') is null or moment is not null)
  and seq not in (select source_seq from pairs);

create or replace temp table destination_keys as
select seq, moment, key_of(number, email, total, paid) as key
from destination_candidates
where key is not null and (getvariable('reach') is null or moment is not null)
  and seq not in (select destination_seq from pairs);

create or replace temp table shared_keys as
with s as (
    select key, count(*) as records, any_value(seq) as seq, any_value(moment) as moment
    from source_keys group by key
),
d as (
    select key, count(*) as records, any_value(seq) as seq, any_value(moment) as moment
    from destination_keys group by key
)
select
    key, s.seq as source_seq, d.seq as destination_seq,
    s.records = 1 and d.records = 1 as is_single,
    getvariable('reach') is null or is_near(s.moment, d.moment, getvariable('reach')) as is_near
from s join d using (key);

insert into pairs
select source_seq, destination_seq, matched_by, is_suspect
from shared_keys, verdict
where is_single and is_near;

create or replace temp table crowd as
select seq, 'source' as side, key, moment from source_keys semi join (from shared_keys where not is_single) using (key)
union all
select seq, 'destination', key, moment
from destination_keys semi join (from shared_keys where not is_single) using (key);
