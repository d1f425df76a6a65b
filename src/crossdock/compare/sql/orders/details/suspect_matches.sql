-- The suspect pairs with the numbers of lines that were fetched for both sides.

select l.* replace (
    coalesce(l.line_item_count, s.line_count) as line_item_count,
    coalesce(l.source_line_count, s.line_count) as source_line_count,
    coalesce(l.destination_line_count, d.line_count) as destination_line_count
)
from listed as l
left join source_details as s on s.id = l.source_id
left join destination_details as d on d.id = l.destination_id
