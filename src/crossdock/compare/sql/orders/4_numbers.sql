-- Orders whose number the other side has as well: what the rules with numbers look at. Run before the certain rules and,
-- on what is left, before the others.

create or replace temp table source_candidates as
select s.* from source_free as s
semi join destination_free as d on d.number = s.number
anti join pairs as p on p.source_seq = s.seq;

create or replace temp table destination_candidates as
select d.* from destination_free as d
semi join source_candidates as s on s.number = d.number
anti join pairs as p on p.destination_seq = d.seq;
