-- Orders with e-mail and time that are not paired yet: what the rules without numbers look at.

create temp table source_left_over as
select s.* from source_rest as s
anti join pairs as p on p.source_seq = s.seq
where s.email is not null and s.moment is not null;

create temp table destination_left_over as
select d.* from destination_rest as d
anti join pairs as p on p.destination_seq = d.seq
where d.email is not null and d.moment is not null;

create or replace temp view source_candidates as from source_left_over;

create or replace temp view destination_candidates as from destination_left_over;
