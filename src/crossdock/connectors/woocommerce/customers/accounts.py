"""Single accounts of a store: found by e-mail or by our marker, and deleted.

Owns look-ups that are no reading of the store. Must not know steps or runs.

Source: WooCommerce REST API v3, customers: there is no search by meta.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import msgspec

from crossdock.connectors.woocommerce.customers.reader import readable_by_id
from crossdock.connectors.woocommerce.customers.wire import FIELDS, WireCustomer, customer_of
from crossdock.connectors.woocommerce.meta import marker_of
from crossdock.connectors.woocommerce.transport import WooTransport, store_now
from crossdock.connectors.woocommerce.walking import newest_first
from crossdock.domain.errors import RecordConflictError


class _Owned(msgspec.Struct, frozen=True):
    customer_id: int = 0


_OWNER = msgspec.json.Decoder(_Owned)


async def account_by_email(transport: WooTransport, email: str) -> WireCustomer | None:
    """Find the account with this e-mail address, whatever its role; case does not count."""
    listed = await transport.rows("customers", {"email": email, "role": "all", "_fields": FIELDS})
    for raw in listed.rows:
        wire = customer_of(raw)
        # A filter that the store ignores would give everybody.
        if isinstance(wire, WireCustomer) and (wire.email or "").lower() == email.lower():
            return wire
    return None


async def accounts_by_marker(
    transport: WooTransport, markers: Collection[str], *, made_within: timedelta | None = None
) -> dict[str, str]:
    """Find the accounts that carry these markers: marker -> id.

    With `made_within` the walk ends at accounts older than that by the store's own clock, else with its first account.
    """
    found: dict[str, str] = {}
    async for listed in newest_first(transport, "customers", {"role": "all", "_fields": FIELDS}):
        wires = [wire for raw in listed.rows if isinstance(wire := customer_of(raw), WireCustomer)]
        for wire in wires:
            marker = marker_of(wire.meta_data)
            if marker in markers:
                found[marker] = str(wire.id)
        if len(found) == len(markers) or (made_within and _is_older(wires, store_now(listed.reply) - made_within)):
            break
    return found


async def delete_account(transport: WooTransport, number: str) -> None:
    """Delete an account of ours for good; WooCommerce knows no other way.

    Raises:
        RecordConflictError: `not_ours` where our marker is missing, `customer_has_orders` where the orders
            would lose their customer; `delete_refused` where the store does not want to.
        ContractViolationError: `record_unreadable`, the account can't be read, and is left.
    """
    found = await readable_by_id(transport, [number])
    if not found:
        return
    wire = found[0]
    if not marker_of(wire.meta_data):
        text = "This account does not carry Crossdock's mark, so that it is not deleted."
        raise RecordConflictError("not_ours", text)
    if wire.is_paying_customer or await _has_orders(transport, number):
        text = "This customer has ordered since, so that the account is not deleted."
        raise RecordConflictError("customer_has_orders", text)
    absent = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
    reply = await transport.write("DELETE", f"customers/{number}", params={"force": "true"}, accept=absent)
    if not reply.is_success and await readable_by_id(transport, [number]):
        text = "WooCommerce refused to delete this account. Delete it there."
        raise RecordConflictError("delete_refused", text, reply.place)


async def _has_orders(transport: WooTransport, number: str) -> bool:
    """Whether any order, whatever its status, belongs to an account."""
    params = {"customer": number, "status": "any", "per_page": 1, "_fields": "id,customer_id"}
    listed = await transport.rows("orders", params)
    # A filter that the store ignores would give anybody's.
    return any(_OWNER.decode(raw).customer_id == int(number) for raw in listed.rows)


def _is_older(wires: list[WireCustomer], limit: datetime) -> bool:
    """Whether a whole page was made before `limit`, by the store's own clock.

    One old date proves nothing: importers give new accounts the dates of old ones.
    """
    times = [wire.date_created_gmt.replace(tzinfo=UTC) for wire in wires if wire.date_created_gmt]
    return bool(times) and all(time < limit for time in times)
