"""The query fields: customers, counts, look-ups, the shop and the app. Must not know mutations or bulk operations.

Source: reference §1.5, §3.6, §4.7 and §6, Admin API 2026-10.
"""

from collections.abc import Callable, Mapping
from typing import Final

from crossdock.sandbox.shopify.catalogue_reading import product_by_gid, variant_by_gid
from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.customer_rules import to_e164
from crossdock.sandbox.shopify.customer_search import COUNT_FILTERS, customer_filters
from crossdock.sandbox.shopify.customer_set import find_by_custom_id
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.metafields import full_namespace
from crossdock.sandbox.shopify.order_reading import draft_by_gid, order_by_gid
from crossdock.sandbox.shopify.paging import connect_list
from crossdock.sandbox.shopify.records import Address, Customer, Metafield, Wire, gid, parse_gid
from crossdock.sandbox.shopify.store import SHOP_NUMBER, ShopifyStore
from crossdock.sandbox.shopify.table_reading import connect_rows, count_rows
from crossdock.sandbox.shopify.zones import find_country

_SCOPE: Final = "read_customers"
_NODES: Final[Mapping[str, Callable[[Info, str], Wire]]] = {
    "Order": order_by_gid,
    "DraftOrder": draft_by_gid,
    "ProductVariant": variant_by_gid,
    "Product": product_by_gid,
}


def find_customers(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve customers: without a query every customer at once, with one what the lagging index knows."""
    request = request_of(info, _SCOPE, protects="Customer")
    return connect_rows(info, request.store.customers, customer_filters(request.store), args)


def count_customers(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve customersCount: filters by created_at, id and updated_at only, and counts everybody for any other."""
    request = request_of(info, _SCOPE, protects="Customer")
    return count_rows(info, request.store.customers, COUNT_FILTERS, args)


def find_customer(_source: object, info: Info, **args: Wire) -> Customer | None:
    """Resolve customer."""
    request = request_of(info, _SCOPE, protects="Customer")
    return _by_gid(request, args["id"])


def identify_customer(_source: object, info: Info, **args: Wire) -> Customer | None:
    """Resolve customerByIdentifier: immediate, past the search index."""
    request = request_of(info, _SCOPE, protects="Customer")
    identifier: Mapping[str, Wire] = args["identifier"]
    table = request.store.customers
    if identifier.get("customId") is not None:
        return find_by_custom_id(request.store, identifier["customId"])
    if identifier.get("emailAddress") is not None:
        return table.by_email(identifier["emailAddress"])
    if identifier.get("phoneNumber") is not None:
        phone = to_e164(identifier["phoneNumber"], request.store.country)
        return table.by_phone(phone) if phone else None
    return _by_gid(request, identifier["id"])


def find_node(_source: object, info: Info, **args: Wire) -> Wire:
    """Resolve node."""
    return _node(info, args["id"])


def find_nodes(_source: object, info: Info, **args: Wire) -> list[Wire]:
    """Resolve nodes, null where an id has none."""
    return [_node(info, gid) for gid in args["ids"]]


def read_app(_source: object, info: Info, **_args: Wire) -> dict[str, Wire]:
    """Resolve currentAppInstallation, by which a client learns its scopes."""
    token = request_of(info).token
    number = sum(token.app.encode()) + 1
    return {
        "id": gid("AppInstallation", number),
        "app": {"id": gid("App", number), "title": token.app, "handle": token.app, "apiKey": token.app},
        "accessScopes": [{"handle": scope, "description": scope.replace("_", " ")} for scope in token.scopes],
    }


def read_shop(_source: object, info: Info, **_args: Wire) -> ShopifyStore:
    """Resolve shop; its fields are read by the resolvers of `shop_fields`."""
    return request_of(info).store


def list_webhooks(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve webhookSubscriptions."""
    rows = request_of(info).store.webhooks
    wanted = args.get("topics")
    return connect_list([row for row in rows if wanted is None or row["topic"] in wanted], args)


def list_definitions(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve metafieldDefinitions of one owner type."""
    request = request_of(info, _SCOPE if args["ownerType"] == "CUSTOMER" else None)
    namespace = args.get("namespace")
    rows = request.store.definitions.of(
        args["ownerType"], None if namespace is None else full_namespace(namespace), args.get("key")
    )
    return connect_list(rows, args)


def list_addresses(source: Customer, _info: Info, **args: Wire) -> list[Address]:
    """Resolve the deprecated Customer.addresses: cut at 250."""
    limit = args.get("first")
    return list(source.addresses[: 250 if limit is None else min(limit, 250)])


def connect_addresses(source: Customer, _info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve Customer.addressesV2."""
    return connect_list(source.addresses, args)


def read_metafield(source: Wire, _info: Info, **args: Wire) -> Metafield | None:
    """Resolve a metafield of its owner; a shop of the sandbox has none."""
    if isinstance(source, ShopifyStore):
        return None
    return source.metafield_of(full_namespace(args.get("namespace")), args["key"])


def connect_metafields(source: Wire, _info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve the metafields of their owner, narrowed by namespace or keys."""
    rows = () if isinstance(source, ShopifyStore) else source.metafields
    namespace, keys = args.get("namespace"), args.get("keys")
    namespace = None if namespace is None else full_namespace(namespace)
    kept = [
        row
        for row in rows
        if namespace in {None, row.namespace}
        and (keys is None or row.key in keys or f"{row.namespace}.{row.key}" in keys)
    ]
    return connect_list(kept, args)


def read_amount_spent(source: Customer, info: Info, **_args: Wire) -> dict[str, Wire]:
    """Resolve Customer.amountSpent in the shop's currency."""
    store = request_of(info).store
    return {"amount": store.spent_by(source), "currencyCode": store.currency}


def read_order_count(source: Customer, info: Info, **_args: Wire) -> int:
    """Resolve Customer.numberOfOrders."""
    return request_of(info).store.order_count(source)


def read_can_delete(source: Customer, info: Info, **_args: Wire) -> bool:
    """Resolve Customer.canDelete."""
    return not request_of(info).store.has_orders(source)


def format_address(source: Address, _info: Info, **args: Wire) -> list[str]:
    """Resolve MailingAddress.formatted: its lines without the name unless asked for."""
    name = source.name if args.get("withName") else None
    company = source.company if args.get("withCompany") else None
    place = " ".join(part for part in (source.city, source.province_code, source.zip) if part)
    lines = (name, company, source.address1, source.address2, place, source.country)
    return [line for line in lines if line]


def shop_address(source: ShopifyStore, _info: Info, **_args: Wire) -> dict[str, Wire]:
    """Resolve Shop.shopAddress."""
    country = find_country(source.country)
    return {
        "id": gid("ShopAddress", SHOP_NUMBER),
        "countryCodeV2": source.country,
        "country": country[1] if country else None,
    }


def _by_gid(request: Request, text: str) -> Customer | None:
    number = parse_gid(text, "Customer")
    if number is None:
        raise invalid_id(text)
    return request.store.customers.get(number)


def _node(info: Info, text: str) -> Wire:
    number = parse_gid(text, "Customer")
    if number is not None:
        return request_of(info, _SCOPE, protects="Customer").store.customers.get(number)
    for kind, find in _NODES.items():
        if parse_gid(text, kind) is not None:
            return find(info, text)
    request = request_of(info)
    number = parse_gid(text, "BulkOperation")
    if number is not None:
        return request.store.bulk.get(number)
    if parse_gid(text, "Shop") == SHOP_NUMBER:
        return request.store
    if not text.startswith("gid://shopify/"):
        raise invalid_id(text)
    return None
