-- What the surest rule has left, which most rules and the lists go on with.

create temp table source_rest as
select s.* from source_free as s
anti join pairs as p on p.source_seq = s.seq;

create temp table destination_rest as
select d.* from destination_free as d
anti join pairs as p on p.destination_seq = d.seq;
