"""tagsAdd and tagsRemove, of customers, orders and drafts. Must not know other mutations."""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.customer_rules import normalise_tags
from crossdock.sandbox.shopify.customer_rules import tag_errors as customer_tag_errors
from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_input import tag_errors as order_tag_errors
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.records import Customer, UserError, Wire, parse_gid

Tagged = Customer | Order | DraftOrder


def add_tags(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve tagsAdd: tags that are there in any case stay as they are."""
    request, row = _find(info, args["id"])
    if row is None:
        return _refused([UserError(["id"], f"{_kind(args['id'])} does not exist")])
    return _save(request, row, normalise_tags([*row.tags, *args["tags"]]))


def remove_tags(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve tagsRemove: tags are compared in any case, and those that aren't there don't matter."""
    request, row = _find(info, args["id"])
    if row is None:
        return _refused([UserError(["id"], f"{_kind(args['id'])} does not exist")])
    unwanted = {tag.casefold() for tag in normalise_tags(args["tags"])}
    return _save(request, row, tuple(tag for tag in row.tags if tag.casefold() not in unwanted))


def _find(info: Info, text: str) -> tuple[Request, Tagged | None]:
    if (number := parse_gid(text, "Order")) is not None:
        request = request_of(info, "write_orders", protects="Order")
        found: Tagged | None = request.store.orders.get(number)
    elif (number := parse_gid(text, "DraftOrder")) is not None:
        request = request_of(info, "write_draft_orders", protects="DraftOrder")
        found = request.store.drafts.get(number)
    elif (number := parse_gid(text, "Customer")) is not None:
        request = request_of(info, "write_customers", protects="Customer")
        found = request.store.customers.get(number)
    else:
        raise invalid_id(text)
    request.store.counters.mutations += 1
    return request, found


def _save(request: Request, row: Tagged, tags: tuple[str, ...]) -> dict[str, Wire]:
    store, now = request.store, request.store.now()
    if isinstance(row, Customer):
        errors = customer_tag_errors(tags, ["tags"])
        return _refused(errors) if errors else _tagged(store.save(replace(row, tags=tags, updated_at=now)))
    errors = order_tag_errors(tags, ["tags"])
    if errors:
        return _refused(errors)
    changed = replace(row, tags=tags, updated_at=now)
    return _tagged(store.save_order(changed) if isinstance(changed, Order) else store.save_draft(changed))


def _tagged(row: Tagged) -> dict[str, Wire]:
    return {"node": row, "userErrors": []}


def _refused(errors: Sequence[UserError]) -> dict[str, Wire]:
    return {"node": None, "userErrors": errors}


def _kind(text: str) -> str:
    return "Customer" if parse_gid(text, "Customer") is not None else "Order"
