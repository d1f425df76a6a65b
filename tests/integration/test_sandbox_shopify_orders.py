"""orderCreate in the Shopify sandbox: what it takes, what it adds up, what it refuses.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from typing import Any

import pytest

from crossdock.sandbox.shopify.order_seeds import SeedVariant
from crossdock.sandbox.shopify.records import Wire
from tests.integration.test_sandbox_shopify import Shop

BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
CREATE = f"""mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {{
  orderCreate(order: $order, options: $options) {{
    order {{ id name number email phone note tags test closed closedAt createdAt processedAt sourceName sourceIdentifier
      currencyCode presentmentCurrencyCode taxesIncluded displayFinancialStatus displayFulfillmentStatus discountCodes
      paymentGatewayNames capturable customAttributes {{ key value }} customer {{ id email }}
      subtotalPriceSet {BAG} totalDiscountsSet {BAG} totalShippingPriceSet {BAG} totalTaxSet {BAG} totalPriceSet {BAG}
      currentTotalPriceSet {BAG} totalReceivedSet {BAG} totalOutstandingSet {BAG} totalCapturableSet {BAG}
      lineItems(first: 250) {{ nodes {{ id name title variantTitle sku vendor quantity currentQuantity requiresShipping
        taxable originalUnitPriceSet {BAG} totalDiscountSet {BAG} plain: discountedTotalSet {BAG}
        discountedTotalSet(withCodeDiscounts: true) {BAG} discountAllocations {{ allocatedAmountSet {BAG}
          discountApplication {{ index ... on DiscountCodeApplication {{ code }} }} }}
        product {{ title }} variant {{ sku }} customAttributes {{ key value }}
        taxLines {{ title rate priceSet {BAG} }} }} }}
      shippingLines(first: 5) {{ nodes {{ title code source originalPriceSet {BAG} discountedPriceSet {BAG}
        taxLines {{ title }} }} }}
      taxLines {{ title rate priceSet {BAG} }}
      transactions {{ id kind status gateway processedAt amountSet {BAG} manualPaymentGateway }}
      fulfillments {{ status location {{ name }} trackingInfo {{ company number }} }}
      billingAddress {{ name city }} shippingAddress {{ name city province provinceCode countryCodeV2 }} }}
    userErrors {{ code field message }} }} }}"""


def money(amount: str, currency: str = "USD", shown: tuple[str, str] | None = None) -> dict[str, Any]:
    """Spell a MoneyBagInput."""
    bag: dict[str, Any] = {"shopMoney": {"amount": amount, "currencyCode": currency}}
    if shown is not None:
        bag["presentmentMoney"] = {"amount": shown[0], "currencyCode": shown[1]}
    return bag


def line(price: str = "10.00", quantity: int = 1, **given: Wire) -> dict[str, Any]:
    return {"title": "Field guide", "quantity": quantity, "priceSet": money(price), **given}


def tax(amount: str, rate: str = "0.1", title: str = "VAT") -> dict[str, Any]:
    return {"title": title, "rate": rate, "priceSet": money(amount)}


def payment(amount: str, **given: Wire) -> dict[str, Any]:
    return {"amountSet": money(amount), **given}


async def create(shop: Shop, *, options: Wire = None, **given: Wire) -> dict[str, Any]:
    """Create an order that must be taken."""
    given.setdefault("lineItems", [line()])
    payload = await shop.data(CREATE, order=given, options=options)
    assert payload["userErrors"] == []
    return payload["order"]


async def refused(shop: Shop, **given: Wire) -> list[tuple[str | None, list[str] | None, str]]:
    given.setdefault("lineItems", [line()])
    payload = await shop.data(CREATE, order=given)
    assert payload["order"] is None
    return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]


def amounts(order: dict[str, Any], *names: str) -> list[str]:
    return [order[name]["shopMoney"]["amount"] for name in names]


async def test_a_plain_order_has_no_financial_status_and_everything_outstanding() -> None:
    """§4.2: nothing said of payment leaves it null; unfulfilled by default; numbers from 1001."""
    order = await create(Shop(), lineItems=[line("10.00", 2)])
    assert (order["name"], order["number"]) == ("#1001", 1001)
    assert order["displayFinancialStatus"] is None
    assert order["displayFulfillmentStatus"] == "UNFULFILLED"
    assert amounts(order, "totalPriceSet", "totalOutstandingSet", "totalReceivedSet") == ["20.0", "20.0", "0.0"]
    (item,) = order["lineItems"]["nodes"]
    assert (item["requiresShipping"], item["taxable"], item["customAttributes"]) == (False, True, [])


async def test_the_total_adds_lines_shipping_and_the_taxes_as_given() -> None:
    """§4.2: taxes are never computed; a full SALE makes PAID and names its gateway."""
    order = await create(
        Shop(),
        financialStatus="PAID",
        lineItems=[line("12.00", 2, taxLines=[tax("2.40")])],
        shippingLines=[
            {"title": "Ground", "code": "G", "source": "x", "priceSet": money("5.00"), "taxLines": [tax("0.50")]}
        ],
        transactions=[payment("31.90", gateway="manual")],
    )
    names = ("subtotalPriceSet", "totalShippingPriceSet", "totalTaxSet", "totalPriceSet", "totalOutstandingSet")
    assert amounts(order, *names) == ["24.0", "5.0", "2.9", "31.9", "0.0"]
    assert (order["displayFinancialStatus"], order["paymentGatewayNames"]) == ("PAID", ["manual"])
    assert [(one["title"], one["rate"], *amounts(one, "priceSet")) for one in order["taxLines"]] == [
        ("VAT", 0.1, "2.9")
    ]


async def test_included_taxes_are_not_added() -> None:
    """§4.1 taxesIncluded."""
    order = await create(Shop(), taxesIncluded=True, lineItems=[line("11.90", taxLines=[tax("1.90", "0.19")])])
    assert amounts(order, "totalPriceSet", "totalTaxSet") == ["11.9", "1.9"]


async def test_taxes_of_the_order_are_spread_over_its_taxable_lines() -> None:
    """§4.1 taxLines: on the order or on its lines, not on both; the rate is required."""
    shop = Shop()
    lines = [line("10.00"), line("20.00"), line("70.00", taxable=False)]
    order = await create(shop, lineItems=lines, taxLines=[tax("1.00")])
    shares = [[amounts(one, "priceSet")[0] for one in item["taxLines"]] for item in order["lineItems"]["nodes"]]
    assert shares == [["0.33"], ["0.67"], []]
    both = await refused(shop, lineItems=[line(taxLines=[tax("1.00")])], taxLines=[tax("1.00")])
    assert [(code, field) for code, field, _ in both] == [("INVALID", ["order", "taxLines"])]
    no_rate = {"title": "VAT", "priceSet": money("1.00")}
    body = await shop.reply(CREATE, order={"lineItems": [line(taxLines=[no_rate])]})
    assert body["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"


async def test_a_fixed_discount_is_shared_by_the_lines_and_is_none_of_their_own() -> None:
    """§4.2, §6: a code is no line discount: only the total with code discounts and the allocations show it."""
    code = {"itemFixedDiscountCode": {"code": "SAVE5", "amountSet": money("5.00")}}
    order = await create(
        Shop(),
        lineItems=[line("10.00"), line("20.00")],
        shippingLines=[{"title": "Ground", "priceSet": money("4.00")}],
        discountCode=code,
    )
    assert amounts(order, "subtotalPriceSet", "totalDiscountsSet", "totalPriceSet") == ["25.0", "5.0", "29.0"]
    assert order["discountCodes"] == ["SAVE5"]
    first, second = order["lineItems"]["nodes"]
    assert amounts(first, "totalDiscountSet", "plain", "discountedTotalSet") == ["0.0", "10.0", "8.33"]
    (share,) = second["discountAllocations"]
    assert (*amounts(share, "allocatedAmountSet"), share["discountApplication"]["code"]) == ("3.33", "SAVE5")


async def test_a_percentage_is_in_per_cent_and_free_shipping_takes_shipping_off() -> None:
    """§4.1 discountCode."""
    shop = Shop()
    percentage = {"itemPercentageDiscountCode": {"code": "TEN", "percentage": 10}}
    order = await create(shop, lineItems=[line("30.00")], discountCode=percentage)
    assert amounts(order, "totalPriceSet") == ["27.0"]
    free = {"freeShippingDiscountCode": {"code": "FREE"}}
    shipping = [{"title": "Ground", "priceSet": money("4.00")}]
    order = await create(shop, discountCode=free, shippingLines=shipping)
    assert amounts(order, "totalPriceSet", "totalDiscountsSet", "totalShippingPriceSet") == ["10.0", "4.0", "4.0"]
    assert amounts(order["shippingLines"]["nodes"][0], "discountedPriceSet") == ["0.0"]
    two = {**free, **percentage}
    assert [(code, field) for code, field, _ in await refused(shop, discountCode=two)] == [
        ("INVALID", ["order", "discountCode"])
    ]


async def test_both_currencies_are_kept_side_by_side() -> None:
    """§4.2 presentment; §4.1: presentmentCurrency is required where one is used, and amounts must be in it."""
    shop = Shop()
    given = line(priceSet=money("10.00", shown=("7.00", "EUR")))
    order = await create(
        shop,
        presentmentCurrency="EUR",
        lineItems=[given],
        transactions=[{"amountSet": money("10.00", shown=("7.00", "EUR"))}],
    )
    shown = {"shopMoney": {"amount": "10.0", "currencyCode": "USD"}}
    shown["presentmentMoney"] = {"amount": "7.0", "currencyCode": "EUR"}
    assert order["totalPriceSet"] == order["totalReceivedSet"] == shown
    assert order["totalShippingPriceSet"]["presentmentMoney"] == {"amount": "0.0", "currencyCode": "EUR"}
    ((code, field, _),) = await refused(shop, lineItems=[given])
    assert (code, field) == ("INVALID", ["order", "lineItems", "0", "priceSet", "presentmentMoney"])
    ((code, field, _),) = await refused(shop, currency="EUR")
    assert (code, field) == ("INVALID", ["order", "lineItems", "0", "priceSet", "shopMoney"])


async def test_the_currency_may_differ_from_the_shops() -> None:
    """§4.1 currency."""
    order = await create(Shop(), currency="JPY", lineItems=[line(priceSet=money("1500", "JPY"))])
    assert order["totalPriceSet"]["presentmentMoney"] == {"amount": "1500.0", "currencyCode": "JPY"}


@pytest.mark.parametrize(
    ("made", "status", "outstanding", "capturable"),
    [
        ([payment("10.00")], "PAID", "0.0", False),
        ([payment("4.00")], "PARTIALLY_PAID", "6.0", False),
        ([payment("10.00", kind="AUTHORIZATION")], "AUTHORIZED", "0.0", True),
        ([payment("10.00", status="PENDING")], "PENDING", "10.0", False),
        ([payment("10.00", status="FAILURE")], "PENDING", "10.0", False),
    ],
)
async def test_the_status_follows_from_the_transactions(
    made: list[dict[str, Any]], status: str, outstanding: str, *, capturable: bool
) -> None:
    """§4.1 transactions (SALE and SUCCESS by default), §4.2."""
    order = await create(Shop(), transactions=made)
    assert order["displayFinancialStatus"] == status
    assert amounts(order, "totalOutstandingSet") == [outstanding]
    assert order["capturable"] is capturable


async def test_a_forced_status_stays_whatever_the_transactions_say() -> None:
    """§4.1 financialStatus."""
    order = await create(Shop(), financialStatus="REFUNDED", transactions=[payment("10.00")])
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert order["transactions"][0]["kind"] == "SALE"


async def test_what_an_order_is_given_is_read_back() -> None:
    """§4.1 name, sourceIdentifier, processedAt, closedAt, tags, customAttributes, properties."""
    shop = Shop()
    given: dict[str, Any] = {
        "name": "#WC1234",
        "sourceIdentifier": "woo-1234",
        "processedAt": "2023-11-24T09:15:00Z",
        "closedAt": "2023-12-01T00:00:00Z",
        "tags": ["b", "A"],
        "note": "Ring twice",
        "test": True,
        "customAttributes": [{"key": "k", "value": "v"}],
        "lineItems": [line(properties=[{"name": "Engraving", "value": "A.B."}], variantTitle="Blue", sku="FG")],
    }
    order = await create(shop, **given)
    for name in ("name", "sourceIdentifier", "processedAt", "closedAt", "note", "test", "customAttributes"):
        assert order[name] == given[name]
    assert (order["tags"], order["closed"], order["createdAt"]) == (["A", "b"], True, "2026-10-20T09:30:15Z")
    (item,) = order["lineItems"]["nodes"]
    assert (item["name"], item["customAttributes"]) == ("Field guide - Blue", [{"key": "Engraving", "value": "A.B."}])
    again = await create(shop, **given)
    assert again["name"] == order["name"]
    assert again["number"] == 1002
    assert shop.store.state()["repeatedSourceIdentifiers"] == ["woo-1234"]


async def test_a_future_processed_at_is_clamped_to_now() -> None:
    """§0.1."""
    order = await create(Shop(), processedAt="2031-01-01T00:00:00Z")
    assert order["processedAt"] == "2026-10-20T09:30:15Z"


async def test_a_variant_fills_what_the_line_leaves_out() -> None:
    """§4.1 lineItems: title, sku and price override the variant's."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="FG-1", product_title="Atlas", title="Large", price="19.95")])
    variant = next(iter(shop.store.catalogue.variants))
    order = await create(shop, lineItems=[{"variantId": variant.id, "quantity": 2}, line(variantId=variant.id)])
    filled, overridden = order["lineItems"]["nodes"]
    assert (filled["name"], filled["sku"], *amounts(filled, "originalUnitPriceSet")) == (
        "Atlas - Large",
        "FG-1",
        "19.95",
    )
    assert (overridden["title"], overridden["variant"], *amounts(overridden, "originalUnitPriceSet")) == (
        "Field guide",
        {"sku": "FG-1"},
        "10.0",
    )


async def test_fulfillments_cover_all_lines_and_a_status_needs_none() -> None:
    """§4.1 fulfillment, fulfillmentStatus; §0.1: trackingNumber wins."""
    shop = Shop()
    order = await create(shop, fulfillmentStatus="FULFILLED")
    assert (order["displayFulfillmentStatus"], order["fulfillments"]) == ("FULFILLED", [])
    location = shop.store.catalogue.locations[0]["id"]
    wanted = {"locationId": location, "trackingCompany": "Post", "trackingNumbers": ["1", "2"]}
    order = await create(shop, fulfillment=wanted)
    (made,) = order["fulfillments"]
    assert made["location"] == {"name": "Shop location"}
    assert [one["number"] for one in made["trackingInfo"]] == ["1", "2"]
    order = await create(shop, fulfillment={**wanted, "trackingNumber": "3"})
    assert [one["number"] for one in order["fulfillments"][0]["trackingInfo"]] == ["3"]
    ((code, _, _),) = await refused(shop, fulfillment={"locationId": "gid://shopify/Location/1"})
    assert code == "FULFILLMENT_SERVICE_INVALID"


async def test_refusals_come_in_the_payload_and_store_nothing() -> None:
    """§4.3 for the recorded text; the others name a rule of §4.1."""
    shop = Shop()
    assert await refused(shop, lineItems=[]) == [
        ("INVALID", ["order", "lineItems"], "Line items must have at least one line item")
    ]
    shipping = [{"title": "Ground", "priceSet": money("-1.00")}]
    assert (await refused(shop, shippingLines=shipping))[0][1] == ["order", "shippingLines", "0", "priceSet"]
    assert (await refused(shop, tags=["x" * 41]))[0][1] == ["order", "tags", "0"]
    assert (await refused(shop, email="nobody"))[0][1:] == (["order", "email"], "Email is invalid")
    assert (await refused(shop, lineItems=[{"quantity": 1}]))[0][1] == ["order", "lineItems", "0", "title"]
    both = {"customer": {"toAssociate": {"id": "gid://shopify/Customer/1"}}, "customerId": "gid://shopify/Customer/1"}
    assert (await refused(shop, **both))[0][0] == "REDUNDANT_CUSTOMER_FIELDS"
    assert (await refused(shop, customerId="gid://shopify/Customer/1"))[0][2] == "Customer does not exist"
    assert (shop.store.state()["orders"], shop.store.state()["customers"]) == (0, 0)


async def test_more_than_250_lines_are_refused_before_anything_runs() -> None:
    """§1.4, §4.4."""
    body = await Shop().reply(CREATE, order={"lineItems": [line()] * 251})
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert "data" not in body


async def test_a_development_store_takes_five_orders_a_minute() -> None:
    """§4.4, §9.5."""
    shop = Shop(is_development=True)
    for _ in range(5):
        await create(shop)
    assert await refused(shop) == [(None, None, "Too many attempts. Please try again later.")]
    shop.wait(59)
    assert await refused(shop)
    shop.wait(2)
    assert (await create(shop))["id"]
    assert shop.store.state()["orders"] == 6


async def test_writing_orders_needs_its_scope_and_approved_customer_data() -> None:
    """§4.7, §1.4."""
    shop = Shop(scopes=["read_orders"])
    body = await shop.reply(CREATE, order={"lineItems": [line()]})
    assert body["data"] == {"orderCreate": None}
    assert body["errors"][0]["extensions"]["requiredAccess"] == "`write_orders` access scope."
    shop = Shop()
    shop.store.behaviour.is_customer_data_approved = False
    body = await shop.reply(CREATE, order={"lineItems": [line()]})
    assert body["errors"][0]["message"].startswith("This app is not approved to access the Order object.")
