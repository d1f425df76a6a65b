-- Which orders take part.
--
-- Filters choose among the source's orders only: a destination order that a filter hid would look missing and be made
-- twice. Drafts are no orders; ours take part through links alone. An order without a date can't prove that it lies in
-- a range and stays out of it. Times are compared to the second, counted from the first of all years.
--
-- Hashes stand for texts, so that millions of orders fit in memory. Two texts with one 64-bit hash would be taken for
-- equal: once in 10^19 pairs.

create temp macro words(status, financial_status, fulfillment_status, status_key) as
    [lower(status), financial_status, fulfillment_status, status_key];

create temp macro second_of(created_at) as (epoch(created_at)::bigint + 62135596800);

create temp macro hashed(key) as case when key is not null then hash(key) end;

create temp table source as
select
    seq, hashed(number_key) as number, hashed(email_key) as email, hash(total_key) as total, hash(paid_key) as paid,
    second_of(created_at) as moment
from source_rows
where not is_draft
  and (not is_test or getvariable('include_test'))
  and (getvariable('created_after')::timestamp is null or created_at >= getvariable('created_after')::timestamp)
  and (getvariable('created_before')::timestamp is null or created_at < getvariable('created_before')::timestamp)
  and (
      getvariable('statuses')::varchar[] is null
      or list_has_any(
          words(status, financial_status, fulfillment_status, status_key), getvariable('statuses')::varchar[]
      )
  );

create temp table destination as
select
    seq, hashed(number_key) as number, hashed(email_key) as email, hash(total_key) as total, hash(paid_key) as paid,
    second_of(created_at) as moment
from destination_rows
where not is_draft;
