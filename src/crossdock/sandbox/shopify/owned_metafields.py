"""Changes the metafields of a customer, an order or a draft by one set of rules. Must not know how owners are stored.

Source: reference §3.6 and §4.5: a value of a definition of type `id` belongs to one owner of its kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crossdock.sandbox.shopify.errors import ShopError
from crossdock.sandbox.shopify.metafields import full_namespace, resolve_type, value_taken
from crossdock.sandbox.shopify.records import Metafield, UserError, Wire
from crossdock.sandbox.shopify.store import ShopifyStore


@dataclass(slots=True, frozen=True)
class Owner:
    """Whose metafields change, and which it has; a new owner has no number yet."""

    type: str
    number: int | None = None
    metafields: tuple[Metafield, ...] = ()


def change_metafields(
    store: ShopifyStore, owner: Owner, given: Sequence[Mapping[str, Wire]], path: Sequence[str]
) -> tuple[tuple[Metafield, ...], list[UserError]]:
    """Answer an owner's metafields after the change, and what is wrong with it; stores nothing."""
    kept = {(metafield.namespace, metafield.key): metafield for metafield in owner.metafields}
    errors: list[UserError] = []
    now = store.now()
    for index, one in enumerate(given):
        at = [*path, str(index)]
        namespace, key = full_namespace(one.get("namespace")), str(one.get("key") or "")
        if not key:
            errors.append(UserError([*at, "key"], "Key can't be blank", "BLANK", index))
            continue
        definition = store.definitions.find(owner.type, namespace, key)
        kind, problems = resolve_type(definition, one, at)
        errors.extend(replace(problem, element_index=index) for problem in problems)
        holder = store.holder_of_custom_id(owner.type, namespace, key, str(one.get("value")))
        if holder is not None and holder != owner.number:
            errors.append(replace(value_taken(at), element_index=index))
        old = kept.get((namespace, key))
        number, created_at = (old.number, old.created_at) if old else (store.next_number(), now)
        value = str(one.get("value"))
        kept[namespace, key] = Metafield(number, namespace, key, kind, value, created_at, now, owner.type)
    return tuple(kept.values()), errors


def find_custom_id(store: ShopifyStore, owner_type: str, custom_id: Mapping[str, Wire]) -> int | None:
    """Find the owner of a unique `id` metafield by its number, at once and never by the search index.

    Raises:
        ShopError: NOT_FOUND, no definition of type `id` has that namespace and key.

    """
    namespace = full_namespace(custom_id.get("namespace"))
    definition = store.definitions.find(owner_type, namespace, custom_id["key"])
    if definition is None or definition.type_name != "id":
        raise ShopError("Metafield definition of type 'id' is required when using custom ids.", "NOT_FOUND")
    return store.holder_of_custom_id(owner_type, namespace, custom_id["key"], custom_id["value"])
