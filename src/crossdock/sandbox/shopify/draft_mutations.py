"""The draft order mutations. Must not know how a draft is calculated.

Source: reference §5, Admin API 2026-10: errors have no code. The texts for an unknown id are not recorded.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.draft_completing import complete_draft
from crossdock.sandbox.shopify.draft_input import write_draft
from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.records import UserError, Wire, parse_gid

SCOPE: Final = "write_draft_orders"
_NO_DRAFT: Final = "Draft order does not exist"

Payload = dict[str, Wire]


def _request(info: Info) -> Request:
    request = request_of(info, SCOPE, protects="DraftOrder")
    request.store.counters.mutations += 1
    return request


def _draft(request: Request, text: str) -> DraftOrder | None:
    number = parse_gid(text, "DraftOrder")
    if number is None:
        raise invalid_id(text)
    return request.store.drafts.get(number)


def create(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve draftOrderCreate; nobody is mailed."""
    return _write(_request(info), args["input"], None)


def update(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve draftOrderUpdate."""
    request = _request(info)
    draft = _draft(request, args["id"])
    if draft is None:
        return {"draftOrder": None, "userErrors": [UserError(["id"], _NO_DRAFT)]}
    return _write(request, args["input"], draft)


def delete(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve draftOrderDelete."""
    request = _request(info)
    draft = _draft(request, args["input"]["id"])
    if draft is None:
        return {"deletedId": None, "userErrors": [UserError(["id"], _NO_DRAFT)]}
    request.store.drafts.remove(draft.number)
    return {"deletedId": draft.id, "userErrors": []}


def complete(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve draftOrderComplete; the customer is told unless the shop's settings say otherwise."""
    request = _request(info)
    store, draft = request.store, _draft(request, args["id"])
    if draft is None:
        return {"draftOrder": None, "userErrors": [UserError(["id"], _NO_DRAFT)]}
    refusal = None
    if draft.order_number is not None:
        refusal = "This order has been paid"
    elif args.get("paymentGatewayId"):
        # A sandbox store has no gateway that an id could name.
        refusal = "Invalid payment gateway"
    elif store.exact_now() < draft.ready_at:
        refusal = "This draft order is still being calculated"
    if refusal is not None:
        return {"draftOrder": draft, "userErrors": [UserError(None, refusal)]}
    is_pending = bool(args.get("paymentPending")) or draft.payment_terms is not None
    order = complete_draft(store, draft, is_pending=is_pending, source_name=request.token.app)
    now = store.now()
    changed = replace(draft, status="COMPLETED", completed_at=now, updated_at=now, order_number=order.id_number)
    store.counters.mails += store.behaviour.notifies_on_draft_completion and order.email is not None
    return {"draftOrder": store.save_draft(changed), "userErrors": []}


def create_payment_terms(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve paymentTermsCreate, for drafts."""
    request = request_of(info, "write_payment_terms")
    request.store.counters.mutations += 1
    draft = _draft(request, args["referenceId"])
    if draft is None:
        return {"paymentTerms": None, "userErrors": [UserError(["referenceId"], _NO_DRAFT)]}
    terms = request.store.payment_terms(args["paymentTermsAttributes"]["paymentTermsTemplateId"])
    if terms is None:
        message = "Payment terms template id can not be empty."
        return {"paymentTerms": None, "userErrors": [UserError(None, message)]}
    request.store.save_draft(replace(draft, payment_terms=terms, updated_at=request.store.now()))
    return {"paymentTerms": terms, "userErrors": []}


def _write(request: Request, given: Mapping[str, Wire], before: DraftOrder | None) -> Payload:
    prefix = () if before is None else ("input",)
    try:
        return {"draftOrder": write_draft(request.store, given, before, prefix), "userErrors": []}
    except OrderRefusedError as refused:
        return {"draftOrder": None, "userErrors": refused.errors}
