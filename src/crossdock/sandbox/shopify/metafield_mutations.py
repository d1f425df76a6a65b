"""The mutations on metafields and their definitions. Must not know how a value is checked.

Source: reference §3.6, Admin API 2026-10. Only customers own metafields here.
"""

from collections.abc import Mapping

from crossdock.sandbox.shopify.context import Info, request_of
from crossdock.sandbox.shopify.customer_writing import set_metafields
from crossdock.sandbox.shopify.metafields import Definition, full_namespace
from crossdock.sandbox.shopify.records import Customer, UserError, Wire, parse_gid


def create_definition(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve metafieldDefinitionCreate; type `id` makes values unique."""
    given = args["definition"]
    request = request_of(info, "write_customers" if given["ownerType"] == "CUSTOMER" else None)
    store = request.store
    created = store.definitions.create(store.next_number(), given)
    if not isinstance(created, Definition):
        return {"createdDefinition": None, "userErrors": created}
    if created.owner_type == "CUSTOMER" and created.unique_values:
        store.customers.make_unique(created.namespace, created.key)
    return {"createdDefinition": created, "userErrors": []}


def write_metafields(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve metafieldsSet: all of them or none."""
    request = request_of(info, "write_customers", touches_customers=True)
    store, given = request.store, args["metafields"]
    store.counters.mutations += 1
    changed: dict[int, Customer] = {}
    errors: list[UserError] = []
    claimed: set[tuple[str, str, str]] = set()
    for index, one in enumerate(given):
        number = parse_gid(one["ownerId"], "Customer")
        owner = changed.get(number or 0) or store.customers.get(number)
        if owner is None:
            errors.append(UserError(["metafields", str(index), "ownerId"], "Owner does not exist.", "INVALID", index))
            continue
        changed[owner.number], problems = set_metafields(store, owner, [one], ["metafields"])
        errors.extend(_at(problem, index) for problem in problems)
        errors.extend(_claimed_twice(store.definitions.find("CUSTOMER", *_name(one)), one, claimed, index))
    if errors:
        return {"metafields": None, "userErrors": errors}
    for customer in changed.values():
        store.save(customer)
    written = [changed[parse_gid(one["ownerId"], "Customer") or 0].metafield_of(*_name(one)) for one in given]
    return {"metafields": written, "userErrors": []}


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
