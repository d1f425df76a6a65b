"""The Shopify sandbox's prices against the figures that were recorded on real stores (reference §1.3)."""

import pytest
from graphql import OperationDefinitionNode, parse

from crossdock.sandbox.shopify.cost import Pricing
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema import load_schema
from crossdock.sandbox.shopify.variables import with_defaults

CUSTOMER = """id displayName amountSpent { amount currencyCode }
  defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber smsMarketingConsent { state } }
  defaultAddress { id city }"""


BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
TAXES = f"taxLines {{ title priceSet {BAG} }}"
LINE = f"id originalUnitPriceSet {BAG} product {{ id }} variant {{ id }} customAttributes {{ key }} {TAXES}"
HEADER = f"id name totalPriceSet {BAG} customAttributes {{ key value }} customer {{ id }}"
SHIPPING = f"shippingLines(first: 3) {{ nodes {{ id originalPriceSet {BAG} {TAXES} }} }}"
ORDERS = f"""query($n: Int, $lines: Int) {{ orders(first: $n) {{ nodes {{ {HEADER}
  shippingAddress {{ id }} billingAddress {{ id }}
  lineItems(first: $lines) {{ nodes {{ {LINE} }} pageInfo {{ endCursor }} }}
  {SHIPPING} }} pageInfo {{ hasNextPage }} }} }}"""


def price(query: str, variables: dict[str, Wire] | None = None) -> tuple[Pricing, dict[str, Wire]]:
    document = parse(query)
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    given = with_defaults(operation.variable_definitions or (), variables or {})
    return Pricing(load_schema(), document, operation), given


def requested(query: str, **variables: Wire) -> int:
    pricing, given = price(query, variables)
    return pricing.requested(given)


@pytest.mark.parametrize(
    ("size", "cost"),
    [(1, 3), (2, 3), (3, 4), (5, 5), (10, 6), (20, 7), (25, 8), (50, 9), (100, 11), (200, 12), (250, 13)],
)
def test_a_page_of_ids_costs_two_and_a_damped_share_of_its_size(size: int, cost: int) -> None:
    assert requested("query($n: Int) { customers(first: $n) { nodes { id } } }", n=size) == cost


@pytest.mark.parametrize(("size", "cost"), [(10, 18), (25, 26), (50, 30), (100, 38), (250, 46)])
def test_a_page_of_full_customers(size: int, cost: int) -> None:
    query = f"query($n: Int) {{ customers(first: $n) {{ nodes {{ {CUSTOMER} }} pageInfo {{ hasNextPage }} }} }}"
    assert requested(query, n=size) == cost


@pytest.mark.parametrize(
    ("size", "lines", "cost"),
    [
        *((10, 10, 134), (25, 10, 200), (50, 10, 233), (100, 10, 299), (250, 10, 365)),
        *((10, 50, 194), (50, 50, 338), (100, 50, 434), (250, 50, 530), (250, 250, 750)),
    ],
)
def test_a_page_of_whole_orders(size: int, lines: int, cost: int) -> None:
    assert requested(ORDERS, n=size, lines=lines) == cost


@pytest.mark.parametrize(("size", "cost"), [(50, 9), (100, 11), (250, 13)])
def test_a_page_of_order_headers(size: int, cost: int) -> None:
    query = f"query($n: Int) {{ orders(first: $n) {{ nodes {{ id name totalPriceSet {BAG} }} }} }}"
    assert requested(query, n=size) == cost


@pytest.mark.parametrize(("size", "cost"), [(1, 4), (50, 16), (100, 20), (250, 24)])
def test_a_page_of_variants(size: int, cost: int) -> None:
    query = "query($n: Int) { productVariants(first: $n) { nodes { id sku product { id title } } } }"
    assert requested(query, n=size) == cost


def test_the_detail_of_an_order() -> None:
    transactions = f"transactions(first: 50) {{ id amountSet {BAG} parentTransaction {{ id }} }}"
    refunds = f"""refunds(first: 50) {{ id totalRefundedSet {BAG}
      refundLineItems(first: 50) {{ nodes {{ quantity lineItem {{ id }} subtotalSet {BAG} }} }} }}"""
    query = f"""query($id: ID!) {{ order(id: $id) {{ {HEADER} shippingAddress {{ id }} billingAddress {{ id }} {TAXES}
      lineItems(first: 100) {{ nodes {{ {LINE} }} }} {SHIPPING.replace("3", "10")} {transactions} {refunds}
      fulfillments(first: 20) {{ id trackingInfo {{ number }} }}
      discountApplications(first: 20) {{ nodes {{ index value {{ ... on MoneyV2 {{ amount }}
        ... on PricingPercentageValue {{ percentage }} }} ... on DiscountCodeApplication {{ code }} }} }} }} }}"""
    assert requested(query, id="gid://shopify/Order/1") == 96


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ shop { name } }", 1),
        ("{ ordersCount { count } }", 10),
        ('{ job(id: "gid://shopify/Job/1") { done } }', 1),
        ("{ locations(first: 50) { nodes { id address { city } } } }", 9),
        ('{ orderByIdentifier(identifier: {id: "gid://shopify/Order/1"}) { id name } }', 1),
        (f"{{ orders(first: 5) {{ nodes {{ id totalPriceSet {BAG} }} }} }}", 5),
        ("mutation { orderCreate(order: {}) { order { id customer { id } } userErrors { message } } }", 11),
        ("mutation { draftOrderCreate(input: {}) { draftOrder { id order { id } } userErrors { message } } }", 11),
        ('mutation { orderDelete(orderId: "1") { deletedId userErrors { message } } }', 10),
        ('mutation { refundCreate(input: {orderId: "1"}) @idempotent(key: "k") { refund { id } } }', 20),
        ("{ __typename }", 1),
        ("{ customersCount { count } }", 10),
        ('{ bulkOperation(id: "gid://shopify/BulkOperation/1") { status } }', 1),
        (f'{{ customerByIdentifier(identifier: {{emailAddress: "a@example.com"}}) {{ {CUSTOMER} }} }}', 4),
        (f"mutation {{ customerCreate(input: {{}}) {{ customer {{ {CUSTOMER} }} userErrors {{ message }} }} }}", 13),
        ("mutation { customerCreate(input: {}) { customer { id } userErrors { message } } }", 10),
        ("mutation { stagedUploadsCreate(input: []) { stagedTargets { url parameters { name } } } }", 11),
        ("{ customers(first: 10) { edges { node { id } } } }", 6),
        ("{ customers(first: 10) { nodes { id } edges { node { id } } } }", 10),
    ],
)
def test_single_documents(query: str, cost: int) -> None:
    assert requested(query) == cost


def test_fragments_count_where_they_are_spread_and_directives_are_obeyed() -> None:
    query = """query($deep: Boolean!) { customer(id: 1) {
        ...F  defaultPhoneNumber @include(if: $deep) { phoneNumber } } }
      fragment F on Customer { defaultEmailAddress { emailAddress } }"""
    assert (requested(query, deep=True), requested(query, deep=False)) == (3, 2)


def test_a_union_costs_its_dearest_member() -> None:
    query = """{ node(id: 1) { ... on Shop { name plan { shopifyPlus } }
      ... on Customer { defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } } }"""
    assert requested(query) == 3


def test_what_was_not_returned_is_not_paid() -> None:
    pricing, given = price(f"{{ customers(first: 250) {{ nodes {{ {CUSTOMER} }} }} }}")
    assert pricing.actual(given, {"customers": {"nodes": []}}) == 2
    assert pricing.actual(given, None) == 1
    pricing, given = price("{ customer(id: 1) { defaultPhoneNumber { phoneNumber } } }")
    assert pricing.actual(given, {"customer": None}) == 1
    assert pricing.actual(given, {"customer": {"defaultPhoneNumber": {"phoneNumber": "+1"}}}) == 2
