"""The mutations on metafields and their definitions. Must not know how a value is checked.

Source: reference §3.6 and §4.5, Admin API 2026-10. Customers, orders and drafts own metafields here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.context import Info, request_of
from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.metafields import Definition, full_namespace
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.owned_metafields import Owner, change_metafields
from crossdock.sandbox.shopify.records import Customer, UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore

Row = Customer | Order | DraftOrder
_SCOPES: Final = {"CUSTOMER": "write_customers", "ORDER": "write_orders", "DRAFTORDER": "write_draft_orders"}
_KINDS: Final = {"Customer": "CUSTOMER", "Order": "ORDER", "DraftOrder": "DRAFTORDER"}


def create_definition(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve metafieldDefinitionCreate; type `id` makes values unique among owners of the type."""
    given = args["definition"]
    store = request_of(info, _SCOPES.get(given["ownerType"])).store
    created = store.definitions.create(store.next_number(), given)
    if not isinstance(created, Definition):
        return {"createdDefinition": None, "userErrors": created}
    if created.unique_values:
        store.make_unique(created.owner_type, created.namespace, created.key)
    return {"createdDefinition": created, "userErrors": []}


def write_metafields(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve metafieldsSet: all of them or none."""
    given: list[Mapping[str, Wire]] = args["metafields"]
    for owner_type in {_owner_type(one["ownerId"]) for one in given}:
        request_of(info, _SCOPES[owner_type], protects=owner_type.capitalize())
    store = request_of(info).store
    store.counters.mutations += 1
    changed: dict[str, Row] = {}
    errors: list[UserError] = []
    claimed: set[tuple[str, str, str]] = set()
    for index, one in enumerate(given):
        owner = changed.get(one["ownerId"]) or _find(store, one["ownerId"])
        if owner is None:
            errors.append(UserError(["metafields", str(index), "ownerId"], "Owner does not exist.", "INVALID", index))
            continue
        owner_type = _owner_type(one["ownerId"])
        number = owner.id_number if isinstance(owner, Order) else owner.number
        kept, problems = change_metafields(store, Owner(owner_type, number, owner.metafields), [one], ["metafields"])
        changed[one["ownerId"]] = replace(owner, metafields=kept, updated_at=store.now())
        errors.extend(_at(problem, index) for problem in problems)
        errors.extend(_claimed_twice(store.definitions.find(owner_type, *_name(one)), one, claimed, index))
    if errors:
        return {"metafields": None, "userErrors": errors}
    for row in changed.values():
        _save(store, row)
    written = [changed[one["ownerId"]].metafield_of(*_name(one)) for one in given]
    return {"metafields": written, "userErrors": []}


def _owner_type(text: str) -> str:
    return next((owner_type for kind, owner_type in _KINDS.items() if parse_gid(text, kind) is not None), "CUSTOMER")


def _find(store: ShopifyStore, text: str) -> Row | None:
    tables: Mapping[str, Callable[[int | None], Row | None]] = {
        "Customer": store.customers.get,
        "Order": store.orders.get,
        "DraftOrder": store.drafts.get,
    }
    return next((get(number) for kind, get in tables.items() if (number := parse_gid(text, kind)) is not None), None)


def _save(store: ShopifyStore, row: Row) -> None:
    if isinstance(row, Customer):
        store.save(row)
    elif isinstance(row, Order):
        store.save_order(row)
    else:
        store.save_draft(row)


def _name(given: Mapping[str, Wire]) -> tuple[str, str]:
    return full_namespace(given.get("namespace")), given["key"]


def _at(problem: UserError, index: int) -> UserError:
    field = [*(problem.field or [])]
    return UserError([field[0], str(index), *field[2:]], problem.message, problem.code, index)


def _claimed_twice(
    definition: Definition | None, given: Mapping[str, Wire], claimed: set[tuple[str, str, str]], index: int
) -> list[UserError]:
    if definition is None or not definition.unique_values:
        return []
    claim = (definition.namespace, definition.key, given["value"])
    if claim in claimed:
        return [UserError(["metafields", str(index), "value"], "Value has already been taken", "TAKEN", index)]
    claimed.add(claim)
    return []
