-- The lists: every order of the source is now matched, missing, a duplicate or unmatchable. Only further copies of our own
-- are duplicates: two equal orders of one customer are two orders, and shops give numbers twice.

create temp macro has_no_key(number, email, moment) as number is null and (email is null or moment is null);

create temp table source_left as
select s.seq, has_no_key(s.number, s.email, s.moment) as is_unmatchable
from source_rest as s
anti join pairs as p on p.source_seq = s.seq;

create temp table destination_left as
select d.seq, has_no_key(d.number, d.email, d.moment) as is_unmatchable
from destination_rest as d
anti join pairs as p on p.destination_seq = d.seq;

create temp macro order_label(number, email, id) as coalesce(nullif(number, ''), nullif(email, ''), id);

-- Orders as the lists show them, and what is compared beside.
create temp macro shown(rows) as table
select
    seq, id, order_label(number, email, id) as label,
    number, email, total, currency, total_amount, created_at, status, financial_status, fulfillment_status, status_key,
    customer_id, is_test, line_count as line_item_count, unknown,
    coalesce(email_key, '') as email_key, coalesce(number_key, '') as number_key, number_order,
    total_key, refunded, comparable_line_count
from query_table(rows);

create temp view source_orders as
select 'source' as side, id as source_id, '' as destination_id, * exclude (id, total_key, refunded, comparable_line_count)
from shown('source_rows');

create temp view destination_orders as
select
    'destination' as side, '' as source_id, id as destination_id,
    * exclude (id, total_key, refunded, comparable_line_count)
from shown('destination_rows');

create temp view only_in_source as
select
    o.* exclude (seq),
    stale.destination_id as stale_destination_id,
    stale.linked_at as stale_linked_at
from source_orders as o
semi join (from source_left where not is_unmatchable) as l on l.seq = o.seq
left join stale_links as stale on stale.source_id = o.source_id;

create temp view unmatchable as
select o.* exclude (seq), 'no_usable_key' as reason
from source_orders as o
semi join (from source_left where is_unmatchable) as l on l.seq = o.seq
union all
select o.* exclude (seq), 'no_usable_key'
from destination_orders as o
semi join (from destination_left where is_unmatchable) as l on l.seq = o.seq;

create temp view duplicates as
select o.* exclude (seq), x.representative_id
from source_orders as o join source_duplicates as x using (seq)
union all
select o.* exclude (seq), x.representative_id
from destination_orders as o join destination_duplicates as x using (seq);

create temp view suspect_matches as
select
    'source' as side,
    s.id as source_id,
    d.id as destination_id,
    d.number as destination_number,
    s.* exclude (seq, id, total_key, refunded, comparable_line_count),
    list_filter([
        case when s.email_key = d.email_key then 'email' end,
        case when s.total_key = d.total_key then 'total' end,
        case when is_near(second_of(s.created_at), second_of(d.created_at), 86400) then 'time' end
    ], lambda agreeing: agreeing is not null) as evidence,
    s.email as source_email,
    d.email as destination_email,
    s.total as source_total,
    d.total as destination_total,
    s.currency as source_currency,
    d.currency as destination_currency,
    s.created_at as source_created_at,
    d.created_at as destination_created_at,
    s.line_item_count as source_line_count,
    d.line_count as destination_line_count
from (from pairs where is_suspect) as p
join shown('source_rows') as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq;

create temp view matches as
select
    s.id as source_id,
    d.id as destination_id,
    p.matched_by,
    case when p.is_suspect then ['suspect_match'] else []::varchar[] end as warnings
from pairs as p
join source_rows as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq;
