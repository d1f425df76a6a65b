"""Builds the executable schema: our own SDL, a subset of Admin API 2026-10, with scalars and resolvers bound to it.

Must not know requests, costs or HTTP.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)

from crossdock.sandbox.shopify import (
    bulk_requests,
    customer_mutations,
    customer_set,
    draft_mutations,
    metafield_mutations,
    order_cancelling,
    order_mutations,
    order_reading,
    reading,
    refunds,
    tagging,
)
from crossdock.sandbox.shopify.catalogue_reading import CATALOGUE_FIELDS
from crossdock.sandbox.shopify.context import Info
from crossdock.sandbox.shopify.order_fields import ORDER_FIELDS
from crossdock.sandbox.shopify.paging import MAX_PAGE
from crossdock.sandbox.shopify.records import Wire, snake
from crossdock.sandbox.shopify.schema_walk import answered_type, is_connection
from crossdock.sandbox.shopify.shop_fields import SHOP_FIELDS

Resolver = Callable[..., Wire]
_PARTS: Final = (
    *("root", "shop", "customers", "metafields", "bulk", "enums"),
    *("products", "orders", "order_inputs", "drafts"),
)

RESOLVERS: Final[Mapping[tuple[str, str], Resolver]] = {
    ("QueryRoot", "customers"): reading.find_customers,
    ("QueryRoot", "customersCount"): reading.count_customers,
    ("QueryRoot", "customer"): reading.find_customer,
    ("QueryRoot", "customerByIdentifier"): reading.identify_customer,
    ("QueryRoot", "node"): reading.find_node,
    ("QueryRoot", "nodes"): reading.find_nodes,
    ("QueryRoot", "shop"): reading.read_shop,
    ("QueryRoot", "currentAppInstallation"): reading.read_app,
    ("QueryRoot", "webhookSubscriptions"): reading.list_webhooks,
    ("QueryRoot", "metafieldDefinitions"): reading.list_definitions,
    ("QueryRoot", "bulkOperation"): bulk_requests.find_operation,
    ("QueryRoot", "bulkOperations"): bulk_requests.list_operations,
    ("QueryRoot", "currentBulkOperation"): bulk_requests.current_operation,
    ("Mutation", "customerCreate"): customer_mutations.create_customer,
    ("Mutation", "customerUpdate"): customer_mutations.update_customer,
    ("Mutation", "customerDelete"): customer_mutations.delete_customer,
    ("Mutation", "customerSet"): customer_set.set_customer,
    ("Mutation", "customerAddressCreate"): customer_mutations.create_address,
    ("Mutation", "customerAddressDelete"): customer_mutations.delete_address,
    ("Mutation", "customerUpdateDefaultAddress"): customer_mutations.choose_default_address,
    ("Mutation", "customerEmailMarketingConsentUpdate"): customer_mutations.update_email_consent,
    ("Mutation", "customerSmsMarketingConsentUpdate"): customer_mutations.update_sms_consent,
    ("Mutation", "tagsAdd"): tagging.add_tags,
    ("Mutation", "tagsRemove"): tagging.remove_tags,
    ("QueryRoot", "orders"): order_reading.find_orders,
    ("QueryRoot", "ordersCount"): order_reading.count_orders,
    ("QueryRoot", "order"): order_reading.find_order,
    ("QueryRoot", "orderByIdentifier"): order_reading.identify_order,
    ("QueryRoot", "draftOrders"): order_reading.find_drafts,
    ("QueryRoot", "draftOrdersCount"): order_reading.count_drafts,
    ("QueryRoot", "draftOrder"): order_reading.find_draft,
    ("QueryRoot", "job"): order_reading.find_job,
    ("QueryRoot", "paymentTermsTemplates"): order_reading.find_terms_templates,
    ("Mutation", "orderCreate"): order_mutations.create,
    ("Mutation", "orderUpdate"): order_mutations.update,
    ("Mutation", "orderClose"): order_mutations.close,
    ("Mutation", "orderMarkAsPaid"): order_mutations.mark_as_paid,
    ("Mutation", "orderCancel"): order_cancelling.cancel,
    ("Mutation", "orderDelete"): order_mutations.delete,
    ("Mutation", "orderCustomerSet"): order_mutations.set_customer,
    ("Mutation", "refundCreate"): refunds.create_refund,
    ("Mutation", "draftOrderCreate"): draft_mutations.create,
    ("Mutation", "draftOrderUpdate"): draft_mutations.update,
    ("Mutation", "draftOrderDelete"): draft_mutations.delete,
    ("Mutation", "draftOrderComplete"): draft_mutations.complete,
    ("Mutation", "paymentTermsCreate"): draft_mutations.create_payment_terms,
    ("Mutation", "metafieldDefinitionCreate"): metafield_mutations.create_definition,
    ("Mutation", "metafieldsSet"): metafield_mutations.write_metafields,
    ("Mutation", "bulkOperationRunQuery"): bulk_requests.run_query,
    ("Mutation", "bulkOperationRunMutation"): bulk_requests.run_mutation,
    ("Mutation", "bulkOperationCancel"): bulk_requests.cancel,
    ("Mutation", "stagedUploadsCreate"): bulk_requests.stage_uploads,
    ("Customer", "addresses"): reading.list_addresses,
    ("Customer", "addressesV2"): reading.connect_addresses,
    ("Customer", "amountSpent"): reading.read_amount_spent,
    ("Customer", "canDelete"): reading.read_can_delete,
    ("Customer", "numberOfOrders"): reading.read_order_count,
    ("Customer", "metafield"): reading.read_metafield,
    ("Customer", "metafields"): reading.connect_metafields,
    ("MailingAddress", "formatted"): reading.format_address,
    ("Shop", "metafield"): reading.read_metafield,
    ("Shop", "metafields"): reading.connect_metafields,
    ("Shop", "shopAddress"): reading.shop_address,
    **{("Shop", name): resolver for name, resolver in SHOP_FIELDS.items()},
    **{
        (owner, name): resolver
        for owner in ("Order", "DraftOrder", "Product", "ProductVariant")
        for name, resolver in (("metafield", reading.read_metafield), ("metafields", reading.connect_metafields))
    },
    **ORDER_FIELDS,
    **CATALOGUE_FIELDS,
}


@lru_cache(maxsize=1)
def load_schema() -> GraphQLSchema:
    """Build the schema; every store of the process shares it, since a request carries its store."""
    folder = files("crossdock.sandbox.shopify") / "sdl"
    sdl = "\n".join((folder / f"{part}.graphql").read_text(encoding="utf-8") for part in _PARTS)
    schema = build_schema(sdl, assume_valid=True)
    for (type_name, field_name), resolver in RESOLVERS.items():
        owner = schema.type_map[type_name]
        if isinstance(owner, GraphQLObjectType):
            is_paged = is_connection(answered_type(owner, field_name))
            owner.fields[field_name].resolve = _paged_in_bulk(resolver) if is_paged else resolver
    for name in ("DateTime", "Decimal", "Money", "UnsignedInt64", "URL", "JSON"):
        scalar = schema.type_map.get(name)
        if isinstance(scalar, GraphQLScalarType):
            scalar.coerce_output_value = _OUTPUT.get(name, str)
            scalar.coerce_input_value = _INPUT.get(name, str)
    return schema


def _paged_in_bulk(resolver: Resolver) -> Resolver:
    """Let a connection ignore its page arguments within a bulk query, as the platform does (reference §2.1)."""

    def resolve(source: Wire, info: Info, **args: Wire) -> Wire:
        page = info.context.bulk_page
        if page is None:
            return resolver(source, info, **args)
        is_root = info.path.prev is None
        own = {name: value for name, value in args.items() if name not in {"first", "last", "after", "before"}}
        if is_root:
            connection = resolver(source, info, **own, first=MAX_PAGE, after=page.after)
            reached = connection["pageInfo"](info)
            page.has_next, page.after = reached["hasNextPage"], reached["endCursor"]
            return connection
        # What hangs on a row is read whole at once: few rows have more than a page of it.
        edges: list[Wire] = []
        reached = {"hasNextPage": True, "endCursor": None}
        while reached["hasNextPage"]:
            connection = resolver(source, info, **own, first=MAX_PAGE, after=reached["endCursor"])
            edges.extend(connection["edges"](info))
            reached = connection["pageInfo"](info)
        return {"edges": edges}

    return resolve


def read_field(source: Wire, info: Info, **args: Wire) -> Wire:
    """Resolve a field that has no resolver of its own: a key of a mapping, or an attribute in snake case."""
    if isinstance(source, Mapping):
        value = cast("Mapping[str, Wire]", source).get(info.field_name)
    else:
        value = getattr(source, snake(info.field_name), None)
    return value(info, **args) if callable(value) else value


def name_type(value: Wire, _info: object, _abstract: object) -> str:
    """Name the concrete type of a node."""
    return value.typename


def format_time(value: datetime) -> str:
    """Write a time as the platform does: UTC, to the second, with Z."""
    return (
        value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if value.tzinfo is not UTC
        else value.isoformat()[:19] + "Z"
    )


def format_decimal(value: Decimal | str | float) -> str:
    """Write an amount as the platform does: trimmed, with at least one decimal place."""
    text = f"{Decimal(str(value)):f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def _parse_time(value: Wire) -> datetime:
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise GraphQLError(f"invalid DateTime '{text}'") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_decimal(value: Wire) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise GraphQLError(f"invalid Decimal '{value}'") from None
    if not number.is_finite():
        raise GraphQLError(f"invalid Decimal '{value}'")
    return number


def _format_money(value: Wire) -> str:
    """Write an amount of the scalar Money: two decimal places, untrimmed (reference §1.5)."""
    return f"{Decimal(value):.2f}"


_OUTPUT: Final[Mapping[str, Callable[[Wire], Wire]]] = {
    "DateTime": format_time,
    "Decimal": format_decimal,
    "Money": _format_money,
}
_INPUT: Final[Mapping[str, Callable[[Wire], Wire]]] = {
    "DateTime": _parse_time,
    "Decimal": _parse_decimal,
    "Money": _parse_decimal,
}
