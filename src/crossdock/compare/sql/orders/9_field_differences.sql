-- Matched pairs whose fields differ, on the fields that both platforms can hold.
--
-- What a migration must change is no difference: statuses and lines are compared in words that both platforms have in
-- common, and drafts on what a draft can hold. Amounts of different currencies are never equal. Lines are compared where
-- both stores told of them while they were read. Shopify gives a migrated order without an e-mail address that of its
-- customer. Hashes stand for texts, so that millions of pairs fit in memory.

create temp macro is_compared(field) as list_contains(getvariable('compared_fields')::varchar[], field);

create temp macro compared_orders(rows) as table
select
    seq, hash(total_key) as total, hash(currency) as currency, hash(status_key) as status, hash(email_key) as email,
    hash(refunded_key) as refunds, comparable_line_count as line_count, email_key is null as is_anonymous
from query_table(rows);

create temp table differing_pairs as
with compared as (
    select
        p.source_seq,
        p.destination_seq,
        p.matched_by,
        is_compared('total') and s.total <> d.total as total,
        is_compared('currency') and s.currency <> d.currency as currency,
        is_compared('status') and p.matched_by <> 'draft' and s.status <> d.status as status,
        is_compared('email') and s.email <> d.email and not (p.matched_by in ('link', 'draft') and s.is_anonymous) as email,
        is_compared('line_count') and p.matched_by <> 'draft' and coalesce(s.line_count <> d.line_count, false)
            as line_count,
        is_compared('refunds') and p.matched_by <> 'draft' and s.refunds <> d.refunds as refunds
    from pairs as p
    join compared_orders('source_rows') as s on s.seq = p.source_seq
    join compared_orders('destination_rows') as d on d.seq = p.destination_seq
)
select
    source_seq,
    destination_seq,
    matched_by,
    list_filter([
        case when total then 'total' end,
        case when currency then 'currency' end,
        case when status then 'status' end,
        case when email then 'email' end,
        case when line_count then 'line_count' end,
        case when refunds then 'refunds' end
    ], lambda field: field is not null) as fields
from compared
where total or currency or status or email or line_count or refunds;

create temp view field_differences as
select
    'source' as side,
    s.id as source_id,
    d.id as destination_id,
    d.number as destination_number,
    s.* exclude (seq, id, total_key, refunded, comparable_line_count),
    p.matched_by,
    p.fields,
    s.total as source_total,
    d.total as destination_total,
    s.currency as source_currency,
    d.currency as destination_currency,
    s.status_key as source_status,
    d.status_key as destination_status,
    s.email as source_email,
    d.email as destination_email,
    s.comparable_line_count as source_line_count,
    d.comparable_line_count as destination_line_count,
    is_compared('line_count') and p.matched_by <> 'draft' as compares_lines,
    s.refunded as source_refunds,
    d.refunded as destination_refunds
from differing_pairs as p
join shown('source_rows') as s on s.seq = p.source_seq
join destination_rows as d on d.seq = p.destination_seq;
