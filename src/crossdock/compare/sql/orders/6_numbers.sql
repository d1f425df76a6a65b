-- Orders that are not paired yet and whose number the other side has as well: what the rules with numbers look at. Run
-- before the certain rules and, on what is left, before the others.

create or replace temp table source_numbered as
select s.* from source_rest as s
anti join pairs as p on p.source_seq = s.seq
semi join destination_rest as d on d.number = s.number;

create or replace temp table destination_numbered as
select d.* from destination_rest as d
anti join pairs as p on p.destination_seq = d.seq
semi join source_numbered as s on s.number = d.number;

create or replace temp view source_candidates as from source_numbered;

create or replace temp view destination_candidates as from destination_numbered;
