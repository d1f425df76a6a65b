-- Orders with e-mail and time that are not paired yet: what the rules without numbers look at.

create or replace temp table source_candidates as
select s.* from source_free as s
anti join pairs as p on p.source_seq = s.seq
where s.email is not null and s.moment is not null;

create or replace temp table destination_candidates as
select d.* from destination_free as d
anti join pairs as p on p.destination_seq = d.seq
where d.email is not null and d.moment is not null;
