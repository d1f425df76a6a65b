"""Draft orders of the Shopify sandbox: prices, taxes, messages, completing.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from decimal import Decimal
from typing import Any

import pytest

from crossdock.sandbox.shopify.order_seeds import SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from crossdock.sandbox.shopify.tokens import ALL_SCOPES
from tests.integration.test_sandbox_shopify import Shop
from tests.integration.test_sandbox_shopify_orders import BAG, amounts

DRAFT = f"""id name status ready note2 email tags taxExempt invoiceUrl customer {{ email }}
  appliedDiscount {{ value valueType title amountSet {BAG} }}
  shippingLine {{ title code custom originalPriceSet {BAG} }}
  subtotalPriceSet {BAG} totalDiscountsSet {BAG} totalTaxSet {BAG} totalPriceSet {BAG} totalShippingPriceSet {BAG}
  lineItems(first: 250) {{ nodes {{ title name sku custom quantity requiresShipping taxable originalUnitPriceSet {BAG}
    discountedTotalSet {BAG} priceOverride {{ amount }} variant {{ sku }} taxLines {{ title rate priceSet {BAG} }} }} }}
  order {{ id name note tags processedAt sourceName displayFinancialStatus totalPriceSet {BAG} totalTaxSet {BAG}
    discountApplications(first: 5) {{ nodes {{ allocationMethod ... on ManualDiscountApplication {{ title }} }} }}
    transactions {{ kind status gateway }} lineItems(first: 5) {{ nodes {{ title totalDiscountSet {BAG} }} }} }}"""
CREATE = f"""mutation($input: DraftOrderInput!) {{ draftOrderCreate(input: $input) {{
  draftOrder {{ {DRAFT} }} userErrors {{ field message }} }} }}"""
UPDATE = f"""mutation($id: ID!, $input: DraftOrderInput!) {{ draftOrderUpdate(id: $id, input: $input) {{
  draftOrder {{ {DRAFT} }} userErrors {{ field message }} }} }}"""
COMPLETE = f"""mutation($id: ID!, $pending: Boolean, $gateway: ID) {{
  draftOrderComplete(id: $id, paymentPending: $pending, paymentGatewayId: $gateway) {{
  draftOrder {{ {DRAFT} completedAt }} userErrors {{ field message }} }} }}"""
READ = f"query($id: ID!) {{ draftOrder(id: $id) {{ {DRAFT} }} }}"
FIND = """query($query: String) { draftOrders(first: 9, query: $query) { nodes { name } } }"""


def item(price: str = "10.00", quantity: int = 1, **given: Wire) -> dict[str, Any]:
    price_input = {"amount": price, "currencyCode": "USD"}
    return {"title": "Field guide", "quantity": quantity, "originalUnitPriceWithCurrency": price_input, **given}


async def create(shop: Shop, **given: Wire) -> dict[str, Any]:
    given.setdefault("lineItems", [item()])
    payload = await shop.data(CREATE, input=given)
    assert payload["userErrors"] == []
    return payload["draftOrder"]


async def refused(shop: Shop, **given: Wire) -> tuple[list[str] | None, str]:
    given.setdefault("lineItems", [item()])
    payload = await shop.data(CREATE, input=given)
    assert payload["draftOrder"] is None
    (error,) = payload["userErrors"]
    return error["field"], error["message"]


async def test_a_draft_is_open_counted_apart_and_mails_nobody() -> None:
    """§5: note in, note2 out; tags sorted; an e-mail finds or makes the customer."""
    shop = Shop()
    draft = await create(shop, note="from a cart", tags=["b", "a"], email="ada@example.com")
    assert (draft["name"], draft["status"], draft["ready"]) == ("#D1", "OPEN", True)
    assert (draft["note2"], draft["tags"], draft["customer"]) == (
        "from a cart",
        ["a", "b"],
        {"email": "ada@example.com"},
    )
    assert (await create(shop))["name"] == "#D2"
    state = shop.store.state()
    assert (state["drafts"], state["orders"], state["mails"], state["stockChanges"]) == (2, 0, 0, 0)


async def test_taxes_follow_the_shops_settings_unless_exempt() -> None:
    """§5: the taxes of another platform can't be given, so totals differ."""
    shop = Shop()
    lines = [item("10.00"), item("20.00", taxable=False)]
    draft = await create(shop, lineItems=lines)
    assert amounts(draft, "totalTaxSet", "totalPriceSet") == ["0.7", "30.7"]
    assert [one["title"] for one in draft["lineItems"]["nodes"][0]["taxLines"]] == ["Sales tax"]
    exempt = await create(shop, lineItems=lines, taxExempt=True)
    assert amounts(exempt, "totalTaxSet", "totalPriceSet") == ["0.0", "30.0"]
    shop.store.behaviour.tax_rate = Decimal(0)
    assert amounts(await create(shop, lineItems=lines), "totalPriceSet") == ["30.0"]


async def test_a_variant_keeps_its_own_words_and_price_unless_overridden() -> None:
    """§5: title, sku, price, taxable and requiresShipping of the input are ignored."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="FG-1", product_title="Atlas", price="19.95")])
    variant = next(iter(shop.store.catalogue.variants)).id
    bogus = item("0.01", variantId=variant, sku="BOGUS", taxable=False, requiresShipping=False)
    override = {**bogus, "priceOverride": {"amount": "5.00", "currencyCode": "USD"}}
    draft = await create(shop, lineItems=[bogus, override])
    own, overridden = draft["lineItems"]["nodes"]
    assert (own["title"], own["sku"], own["custom"], own["taxable"], own["requiresShipping"]) == (
        "Atlas",
        "FG-1",
        False,
        True,
        True,
    )
    assert (*amounts(own, "originalUnitPriceSet"), *amounts(overridden, "originalUnitPriceSet")) == ("19.95", "5.0")
    assert overridden["priceOverride"] == {"amount": "5.0"}


async def test_discounts_of_lines_and_of_the_draft_and_shipping_add_up() -> None:
    """§5, recorded: 40 less 10 per cent, less 5, plus 7.25."""
    draft = await create(
        Shop(),
        taxExempt=True,
        lineItems=[item("20.00", 2, appliedDiscount={"value": 10, "valueType": "PERCENTAGE", "title": "Service"})],
        appliedDiscount={"value": 5, "valueType": "FIXED_AMOUNT", "title": "Loyalty"},
        shippingLine={"title": "Courier", "priceWithCurrency": {"amount": "7.25", "currencyCode": "USD"}},
    )
    names = ("subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalPriceSet")
    assert amounts(draft, *names) == ["31.0", "9.0", "7.25", "38.25"]
    assert amounts(draft["lineItems"]["nodes"][0], "discountedTotalSet") == ["36.0"]
    assert (draft["shippingLine"]["code"], draft["shippingLine"]["custom"]) == ("custom", True)


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"lineItems": []}, None, "Add at least 1 product"),
        (
            {"lineItems": [{"variantId": "gid://shopify/ProductVariant/999", "quantity": 1}]},
            None,
            "Product with ID 999 is no longer available.",
        ),
        ({"lineItems": [{"quantity": 1, "originalUnitPrice": "10.00"}]}, None, "Merchandise title is empty."),
        (
            {"lineItems": [item(quantity=0)]},
            ["lineItems", "0", "quantity"],
            "Quantity must be greater than or equal to 1",
        ),
        ({"lineItems": [item("-1.00")]}, None, "Cannot send negative price for line_item"),
        ({"email": "nobody"}, ["email"], "Email is invalid"),
        ({"reserveInventoryUntil": "2020-01-01T00:00:00Z"}, None, "Reserve until can't be in the past"),
        (
            {"paymentTerms": {"paymentSchedules": [{"dueAt": "2027-01-01T00:00:00Z"}]}},
            None,
            "Payment terms template id can not be empty.",
        ),
        ({"tags": ["x" * 41]}, ["tags", "0"], "Title Tag exceeds the maximum length of 40 characters"),
        (
            {"appliedDiscount": {"value": 150, "valueType": "PERCENTAGE"}},
            ["appliedDiscount", "value"],
            "Applied discount value must be less than or equal to 100%",
        ),
        (
            {"lineItems": [item(appliedDiscount={"value": 12.345, "valueType": "PERCENTAGE"})]},
            ["lineItems", "0", "appliedDiscount", "value"],
            "Applied discount value can have at most 2 digits after decimal point",
        ),
    ],
)
async def test_recorded_refusals(given: dict[str, Any], field: list[str] | None, message: str) -> None:
    """§5."""
    shop = Shop()
    assert await refused(shop, **given) == (field, message)
    assert shop.store.state()["drafts"] == 0


async def test_a_draft_takes_499_lines() -> None:
    """§1.4, §5."""
    shop = Shop()
    await create(shop, lineItems=[item()] * 499)
    body = await shop.reply(CREATE, input={"lineItems": [item()] * 500})
    message = "The input array size of 500 is greater than the maximum allowed of 499."
    assert [error["message"] for error in body["errors"]] == [message]


async def test_drafts_are_found_by_few_filters_and_any_other_answers_all() -> None:
    """§5: `email:` is ignored, with a warning."""
    shop = Shop()
    await create(shop, tags=["run-1"], email="ada@example.com")
    await create(shop)
    assert await shop.data(FIND, query="tag:'run-1'") == {"nodes": [{"name": "#D1"}]}
    assert len((await shop.data(FIND, query="status:open"))["nodes"]) == 2
    body = await shop.reply(FIND, query="email:ada@example.com")
    assert len(body["data"]["draftOrders"]["nodes"]) == 2
    (search,) = body["extensions"]["search"]
    assert search["warnings"][0] == {
        "field": "email",
        "message": "Invalid search field for this query.",
        "code": "invalid_field",
    }


async def test_a_completed_draft_is_a_paid_order_out_of_stock_that_mails_the_customer() -> None:
    """§5: note and tags are copied, processedAt is now, the source is the app."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A", price="10", inventory_quantity=3)])
    variant = next(iter(shop.store.catalogue.variants)).id
    discount = {"value": 1, "valueType": "FIXED_AMOUNT", "title": "Loyalty"}
    draft = await create(
        shop,
        note="n",
        tags=["t"],
        email="ada@example.com",
        appliedDiscount=discount,
        lineItems=[{"variantId": variant, "quantity": 2}],
    )
    shop.wait(60)
    payload = await shop.data(COMPLETE, id=draft["id"])
    completed = payload["draftOrder"]
    order = completed["order"]
    assert (completed["status"], order["displayFinancialStatus"], order["processedAt"]) == (
        "COMPLETED",
        "PAID",
        "2026-10-20T09:31:15Z",
    )
    assert (order["note"], order["tags"], order["sourceName"]) == ("n", ["t"], "custom-app")
    assert order["transactions"] == [{"kind": "SALE", "status": "SUCCESS", "gateway": "manual"}]
    assert amounts(order, "totalPriceSet") == amounts(draft, "totalPriceSet") == ["20.33"]
    assert order["discountApplications"]["nodes"] == [{"allocationMethod": "ACROSS", "title": "Loyalty"}]
    state = shop.store.state()
    assert (state["stock"], state["mails"], state["money"]) == ({variant: 1}, 1, 0)
    again = await shop.data(COMPLETE, id=draft["id"])
    assert again["userErrors"] == [{"field": None, "message": "This order has been paid"}]
    assert shop.store.state()["orders"] == 1


async def test_a_draft_is_completed_unpaid_by_the_flag_or_by_terms() -> None:
    """§5."""
    shop = Shop(scopes=[*ALL_SCOPES, "write_payment_terms"])
    flagged = await create(shop)
    order = (await shop.data(COMPLETE, id=flagged["id"], pending=True))["draftOrder"]["order"]
    assert (order["displayFinancialStatus"], order["transactions"][0]["status"]) == ("PENDING", "PENDING")
    termed = await create(shop)
    terms = """mutation($id: ID!, $attrs: PaymentTermsCreateInput!) {
      paymentTermsCreate(referenceId: $id, paymentTermsAttributes: $attrs) {
        paymentTerms { paymentTermsName dueInDays } userErrors { message } } }"""
    attrs = {"paymentTermsTemplateId": "gid://shopify/PaymentTermsTemplate/4"}
    made = await shop.data(terms, id=termed["id"], attrs=attrs)
    assert made["paymentTerms"] == {"paymentTermsName": "Net 30", "dueInDays": 30}
    order = (await shop.data(COMPLETE, id=termed["id"]))["draftOrder"]["order"]
    assert order["displayFinancialStatus"] == "PENDING"


async def test_a_bad_gateway_or_a_draft_that_is_not_ready_completes_nothing() -> None:
    """§5: `ready` may be false while the platform calculates."""
    shop = Shop()
    shop.store.behaviour.draft_ready_seconds = 5
    draft = await create(shop)
    assert draft["ready"] is False
    assert (await shop.data(COMPLETE, id=draft["id"]))["userErrors"] != []
    shop.wait(6)
    assert (await shop.data(READ, id=draft["id"]))["ready"] is True
    bad = await shop.data(COMPLETE, id=draft["id"], gateway="gid://shopify/PaymentGateway/999")
    assert bad["userErrors"] == [{"field": None, "message": "Invalid payment gateway"}]
    assert (bad["draftOrder"]["status"], bad["draftOrder"]["order"]) == ("OPEN", None)
    assert shop.store.state()["orders"] == 0


async def test_a_draft_is_changed_and_deleted() -> None:
    """§5; errors of an update are under `input`."""
    shop = Shop()
    draft = await create(shop, tags=["a"])
    changed = await shop.data(UPDATE, id=draft["id"], input={"lineItems": [item("3.00")], "taxExempt": True})
    assert amounts(changed["draftOrder"], "totalPriceSet") == ["3.0"]
    assert changed["draftOrder"]["tags"] == ["a"]
    wrong = await shop.data(
        UPDATE, id=draft["id"], input={"appliedDiscount": {"value": 150, "valueType": "PERCENTAGE"}}
    )
    assert wrong["userErrors"][0]["field"] == ["input", "appliedDiscount", "value"]
    delete = "mutation($id: ID!) { draftOrderDelete(input: {id: $id}) { deletedId userErrors { message } } }"
    assert (await shop.data(delete, id=draft["id"]))["deletedId"] == draft["id"]
    assert await shop.data(READ, id=draft["id"]) is None
    assert (await shop.data(delete, id=draft["id"]))["deletedId"] is None


async def test_drafts_do_not_keep_a_customer_from_being_deleted() -> None:
    """§3.7; purchasingEntity names the customer."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com")])
    customer = next(iter(shop.store.customers)).id
    draft = await create(shop, purchasingEntity={"customerId": customer})
    assert draft["customer"] == {"email": "ada@example.com"}
    delete = "mutation($id: ID!) { customerDelete(input: {id: $id}) { deletedCustomerId } }"
    assert (await shop.data(delete, id=customer))["deletedCustomerId"] == customer


async def test_drafts_need_their_own_scopes() -> None:
    """§7 scopes."""
    shop = Shop(scopes=["read_orders", "write_orders"])
    for query, scope in ((CREATE, "write_draft_orders"), (FIND, "read_draft_orders")):
        body = await shop.reply(query, input={"lineItems": [item()]}) if query == CREATE else await shop.reply(query)
        assert body["errors"][0]["extensions"]["requiredAccess"] == f"`{scope}` access scope."
