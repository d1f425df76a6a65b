-- Which records take part.
--
-- Filters choose among the source's records only: a destination record that a filter hid would look missing and be made
-- twice. Guests are people of orders without an account; on the destination's side they are no customers.
-- A record without a date of creation can't prove that it lies in a range and stays out of it.

create temp table source as
select seq, id, email_key, name_phone_key, is_guest, created_at
from source_rows
where (not is_guest or getvariable('include_guests'))
  and (is_guest or role = '' or list_contains(getvariable('roles')::varchar[], role))
  and (has_past_order or not getvariable('require_past_order'))
  and (name_key <> '' or not getvariable('require_name'))
  and (getvariable('created_after')::timestamp is null or created_at >= getvariable('created_after')::timestamp)
  and (getvariable('created_before')::timestamp is null or created_at < getvariable('created_before')::timestamp);

create temp table destination as
select seq, id, email_key, name_phone_key, is_guest, created_at,
    role not in ('', getvariable('customer_role')) as has_other_role
from destination_rows
where not is_guest;
