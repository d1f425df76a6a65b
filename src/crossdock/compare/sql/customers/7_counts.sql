-- The figures. What is missing on the destination's side is counted by itself, so that sums that do not add up show a
-- fault in the rules. Held for a filtered source record, a destination record is missing there as well.

create temp table counts as
select
    (select count(*) from source_rows) as source_read,
    (select count(*) from source_rows) - (select count(*) from source) as source_filtered,
    (select count(*) from source) as source,
    (select count(*) from destination) as destination,
    (select count(*) from pairs) as matched,
    (select count(*) from source_missing) as only_in_source,
    (select count(*) from destination_left as d anti join destination_unmatchable as u on u.seq = d.seq)
        + (select count(*) from linked where source_seq not in (select seq from source)) as only_in_destination,
    (select count(*) from source_duplicates) as duplicates,
    (select count(*) from source_unmatchable) as unmatchable,
    (select count(*) from destination_duplicates) as destination_duplicates,
    (select count(*) from destination_unmatchable) as destination_unmatchable,
    (select count(*) from differing_pairs) as field_differences,
    (
        select count(*) from pairs as p
        where p.matched_by = 'email' and p.destination_seq in (select seq from destination where has_other_role)
    ) as matched_with_other_role;
