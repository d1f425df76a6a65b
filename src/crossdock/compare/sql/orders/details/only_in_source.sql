-- The missing orders with the numbers of lines that were fetched for them.

select l.* replace (coalesce(l.line_item_count, s.line_count) as line_item_count)
from listed as l
left join source_details as s on s.id = l.source_id
