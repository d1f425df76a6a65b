-- The figures. What is missing on the destination's side is counted by itself, so that sums that do not add up show a
-- fault in the rules. Held for a filtered source order, a destination order is missing there as well. Drafts are counted
-- where they are matched and nowhere else.

create temp table counts as
select
    (select count(*) from source_rows where not is_draft) as source_read,
    (select count(*) from source_rows where not is_draft) - (select count(*) from source) as source_filtered,
    (select count(*) from source) as source,
    (select count(*) from destination) as destination,
    (select count(*) from pairs) as matched,
    (select count(*) from source_left where not is_unmatchable) as only_in_source,
    (select count(*) from destination_left where not is_unmatchable)
        + (select count(*) from linked where not is_draft and source_seq not in (select seq from source))
        as only_in_destination,
    (select count(*) from source_duplicates) as duplicates,
    (select count(*) from source_left where is_unmatchable) as unmatchable,
    (select count(*) from destination_duplicates) as destination_duplicates,
    (select count(*) from destination_left where is_unmatchable) as destination_unmatchable,
    (select count(*) from pairs where is_suspect) as suspect_matches,
    (select count(*) from differing_pairs) as field_differences,
    (select count(*) from pairs where matched_by = 'draft') as matched_as_draft;
