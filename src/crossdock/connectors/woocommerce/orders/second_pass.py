"""What is sent once the shop has forgotten about the new order: customer, e-mail address and dates; pure.

Owns the body of the second request and what the order should then look like. Must not send anything.

Source: WooCommerce REST API v3, `PUT orders/{id}`; WooCommerce 9.2.5, observed: internal keys in `meta_data` set the
fields of that name, also those that are read-only; without addresses and lines nothing is calculated anew.
"""

from datetime import datetime
from typing import Any

from crossdock.connectors.woocommerce.orders.refunding import RefundPlan
from crossdock.connectors.woocommerce.orders.statuses import CANCELLED, COMPLETED, PROCESSING, REFUNDED
from crossdock.connectors.woocommerce.orders.times import written_time
from crossdock.domain.order import Order
from crossdock.domain.plan import Resolution

Payload = dict[str, Any]

_PAID = frozenset({COMPLETED, PROCESSING, REFUNDED})


def finish_of(order: Order, plan: RefundPlan, resolution: Resolution, email: str) -> Payload:
    """Give the body of the second pass; sending it twice changes nothing more."""
    payload: Payload = {}
    if customer := resolution.get("customer"):
        payload["customer_id"] = int(customer)
    if plan.needs_status:
        payload["status"] = plan.last_status
    meta: dict[str, str] = {"_billing_email": email} if email else {}
    for key, moment in _dates(order, plan).items():
        if moment is not None:
            meta[key] = written_time(moment)
    payload["meta_data"] = [{"key": key, "value": value} for key, value in meta.items()]
    return payload


def _dates(order: Order, plan: RefundPlan) -> dict[str, datetime | None]:
    """Give the dates that WooCommerce would else hold to be those of the import."""
    paid_at = order.paid_at
    if paid_at is None and plan.first_status in _PAID:
        paid_at = order.created_at
    completed_at = order.completed_at
    if plan.first_status in (COMPLETED, REFUNDED):
        completed_at = completed_at or paid_at
    elif plan.first_status != CANCELLED:
        completed_at = None
    return {"_date_created": order.created_at, "_date_paid": paid_at, "_date_completed": completed_at}


def expected_of(order: Order, creation: Payload, finish: Payload, plan: RefundPlan) -> Payload:
    """Give what the order should read back as, by WooCommerce's names."""
    meta = {pair["key"]: pair["value"] for pair in finish["meta_data"]}
    return {
        "currency": order.currency,
        "total": str(order.total),
        "refunded": str(plan.refunded(order.currency)),
        "status": plan.last_status,
        "lines": len(creation["line_items"]),
        "customer_note": creation.get("customer_note", ""),
        "billing": {**creation["billing"], "email": meta.get("_billing_email", "")},
        "shipping": creation["shipping"],
        "customer_id": finish.get("customer_id", 0),
        "date_created": meta.get("_date_created", ""),
        "date_paid": meta.get("_date_paid", ""),
        "date_completed": meta.get("_date_completed", ""),
    }
