-- Which orders take part.
--
-- Filters choose among the source's orders only: a destination order that a filter hid would look missing and be made
-- twice. Drafts are no orders; ours take part through links alone. An order without a date can't prove that it lies in
-- a range and stays out of it. Times are compared to the second, counted from the first of all years.

create temp macro words(status, financial_status, fulfillment_status, status_key) as
    [lower(status), financial_status, fulfillment_status, status_key];

create temp macro second_of(created_at) as (epoch(created_at)::bigint + 62135596800);

create temp table source as
select seq, id, number_key, email_key, total_key, paid_key, second_of(created_at) as moment
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
select seq, id, number_key, email_key, total_key, paid_key, second_of(created_at) as moment
from destination_rows
where not is_draft;
