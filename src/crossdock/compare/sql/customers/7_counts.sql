-- The figures. Each is counted by itself, so that sums that do not add up would show a fault in the rules.

create temp table counts as
select
    (select count(*) from source_rows) as source_read,
    (select count(*) from source_rows as s anti join source as kept on kept.seq = s.seq) as source_filtered,
    (select count(*) from source) as source,
    (select count(*) from destination) as destination,
    (select count(*) from pairs) as matched,
    (select count(*) from source_missing) as only_in_source,
    (
        select count(*) from destination as d
        anti join pairs as p on p.destination_seq = d.seq
        anti join destination_duplicates as x on x.seq = d.seq
        anti join destination_unmatchable as u on u.seq = d.seq
    ) as only_in_destination,
    (select count(*) from source_duplicates) as duplicates,
    (select count(*) from source_unmatchable) as unmatchable,
    (select count(*) from destination_duplicates) as destination_duplicates,
    (select count(*) from destination_unmatchable) as destination_unmatchable,
    (select count(*) from differing_pairs) as field_differences,
    (select count(*) from matches where list_contains(warnings, 'other_role')) as matched_with_other_role;
