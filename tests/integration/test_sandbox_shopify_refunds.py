"""What happens to an order of the Shopify sandbox afterwards: refunds, payment, cancelling, closing, deleting.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from typing import Any

from crossdock.sandbox.shopify.order_seeds import SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from tests.integration.test_sandbox_shopify import Shop
from tests.integration.test_sandbox_shopify_orders import BAG, amounts, create, line, money, payment

REFUND = f"""mutation($input: RefundInput!, $key: String!) {{ refundCreate(input: $input) @idempotent(key: $key) {{
  refund {{ id note createdAt processedAt totalRefundedSet {BAG} transactions(first: 5) {{ nodes {{ kind gateway
      parentTransaction {{ id }} }} }}
    refundLineItems(first: 5) {{ nodes {{ quantity restockType restocked lineItem {{ id }} subtotalSet {BAG} }} }} }}
  order {{ id displayFinancialStatus displayFulfillmentStatus totalRefundedSet {BAG} currentTotalPriceSet {BAG}
    totalPriceSet {BAG} totalRefundedShippingSet {BAG} refunds {{ id }} lineItems(first: 5) {{ nodes {{
      quantity currentQuantity }} }} }}
  userErrors {{ field message }} }} }}"""
PAY = """mutation($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { displayFinancialStatus paymentGatewayNames
  transactions { kind gateway } } userErrors { field message } } }"""
CANCEL = """mutation($id: ID!, $restock: Boolean! = false, $notify: Boolean, $note: String, $refund: Boolean,
    $method: OrderCancelRefundMethodInput) {
  orderCancel(orderId: $id, reason: OTHER, restock: $restock, notifyCustomer: $notify, staffNote: $note,
      refund: $refund, refundMethod: $method) {
    job { id done } orderCancelUserErrors { code field message } } }"""
READ = f"""query($id: ID!) {{ order(id: $id) {{ cancelledAt cancelReason closed displayFinancialStatus
  displayFulfillmentStatus totalOutstandingSet {BAG} totalRefundedSet {BAG} customer {{ id }} }} }}"""
DELETE = "mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { code field message } } }"
CUSTOMER = """mutation($order: ID!, $customer: ID!) { orderCustomerSet(orderId: $order, customerId: $customer) {
  order { customer { id } } userErrors { code field message } } }"""
NOWHERE = "gid://shopify/Order/1"


async def paid(shop: Shop, gateway: str = "manual", **given: Wire) -> dict[str, Any]:
    """Create an order of two lines of two units, 45.00 with shipping, paid in full."""
    given.setdefault("lineItems", [line("10.00", 2), line("10.00", 2)])
    given.setdefault("shippingLines", [{"title": "Ground", "priceSet": money("5.00")}])
    return await create(shop, transactions=[payment("45.00", gateway=gateway)], **given)


def giving_back(order: dict[str, Any], amount: str, **given: Wire) -> dict[str, Any]:
    (made,) = order["transactions"]
    row = {"orderId": order["id"], "parentId": made["id"], "kind": "REFUND", "gateway": made["gateway"]}
    return {"orderId": order["id"], "transactions": [{**row, "amount": amount}], **given}


def units(order: dict[str, Any], quantity: int, **given: Wire) -> list[dict[str, Any]]:
    return [{"lineItemId": order["lineItems"]["nodes"][0]["id"], "quantity": quantity, **given}]


async def refunded(shop: Shop, key: str = "k1", **given: Wire) -> dict[str, Any]:
    payload = await shop.data(REFUND, input=given, key=key)
    assert payload["userErrors"] == []
    return payload


async def refused(shop: Shop, **given: Wire) -> tuple[list[str] | None, str]:
    payload = await shop.data(REFUND, input=given, key="other")
    assert payload["refund"] is None
    (error,) = payload["userErrors"]
    return error["field"], error["message"]


async def test_a_refund_of_units_lowers_the_current_total_and_keeps_the_total() -> None:
    """§4.6, §6."""
    shop = Shop()
    order = await paid(shop)
    given = giving_back(order, "10.00", note="one back", refundLineItems=units(order, 1))
    payload = await refunded(shop, **given)
    after, refund = payload["order"], payload["refund"]
    assert after["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    names = ("totalPriceSet", "currentTotalPriceSet", "totalRefundedSet")
    assert amounts(after, *names) == ["45.0", "35.0", "10.0"]
    assert after["lineItems"]["nodes"][0] == {"quantity": 2, "currentQuantity": 1}
    (row,) = refund["refundLineItems"]["nodes"]
    assert (row["quantity"], row["restockType"], row["restocked"]) == (1, "NO_RESTOCK", False)
    assert refund["transactions"]["nodes"] == [
        {"kind": "REFUND", "gateway": "manual", "parentTransaction": {"id": order["transactions"][0]["id"]}}
    ]


async def test_a_full_refund_with_shipping_is_refunded() -> None:
    """§4.6: `processedAt` is settable; nothing is left to fulfil (§0.1)."""
    shop = Shop()
    order = await paid(shop, lineItems=[line("20.00", 2)])
    payload = await refunded(
        shop,
        **giving_back(order, "45.00", processedAt="2024-05-01T00:00:00Z", shipping={"fullRefund": True}),
        refundLineItems=units(order, 2),
    )
    after = payload["order"]
    assert (after["displayFinancialStatus"], after["displayFulfillmentStatus"]) == (
        "REFUNDED",
        "FULFILLMENT_NOT_REQUIRED",
    )
    assert amounts(after, "currentTotalPriceSet", "totalRefundedShippingSet") == ["0.0", "5.0"]
    assert payload["refund"]["processedAt"] == "2024-05-01T00:00:00Z"
    assert payload["refund"]["createdAt"] == "2026-10-20T09:30:15Z"


async def test_money_alone_leaves_the_current_total() -> None:
    """§6: the current total follows returned lines, not money."""
    shop = Shop()
    after = (await refunded(shop, **giving_back(await paid(shop), "7.00")))["order"]
    assert amounts(after, "currentTotalPriceSet", "totalRefundedSet") == ["45.0", "7.0"]


async def test_a_refund_needs_its_key_on_the_field() -> None:
    """§1.4, §4.6: the directive on the operation is not enough."""
    shop = Shop()
    order = await paid(shop)
    bare = "mutation($input: RefundInput!) { refundCreate(input: $input) { refund { id } userErrors { message } } }"
    body = await shop.reply(bare, input=giving_back(order, "1.00"))
    assert body["data"] == {"refundCreate": None}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == "The @idempotent directive is required for this mutation but was not provided."
    assert shop.store.state()["refunds"] == 0


async def test_the_same_key_makes_one_refund_for_a_day() -> None:
    """§4.5."""
    shop = Shop()
    order = await paid(shop)
    given = giving_back(order, "1.00")
    first, second = await refunded(shop, **given), await refunded(shop, **given)
    assert first["refund"]["id"] == second["refund"]["id"]
    assert shop.store.state()["refunds"] == 1
    body = await shop.reply(REFUND, input=giving_back(order, "2.00"), key="k1")
    assert body["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    shop.wait(24 * 60 * 60)
    await refunded(shop, **given)
    assert shop.store.state()["refunds"] == 2


async def test_recorded_refusals() -> None:
    """§4.6."""
    shop = Shop()
    order = await paid(shop)
    assert await refused(shop, orderId=NOWHERE) == (["orderId"], "Order does not exist")
    assert await refused(shop, **giving_back(order, "999.00")) == (
        None,
        "Refund amount $999.00 is greater than net payment received $45.00",
    )
    over = giving_back(order, "999.00", allowOverRefunding=True)
    assert (await refused(shop, **over))[1].startswith("Refund amount $999.00")
    assert await refused(shop, orderId=order["id"], refundLineItems=units(order, 3)) == (
        ["refundLineItems", "0", "quantity"],
        "Quantity cannot refund more items than were purchased",
    )
    wrong = giving_back(order, "1.00")
    wrong["transactions"][0]["parentId"] = "gid://shopify/OrderTransaction/1"
    text = "Transactions require a parent_id associated with the order"
    assert await refused(shop, **wrong) == (["transactions"], text)
    wrong = giving_back(order, "1.00")
    wrong["transactions"][0]["kind"] = "AUTHORIZATION"
    assert await refused(shop, **wrong) == (None, "Kind authorization is not a valid transaction")
    assert shop.store.state()["refunds"] == 0


async def test_only_a_real_gateway_moves_money() -> None:
    """§4.6: an invented gateway pays nobody."""
    shop = Shop()
    await refunded(shop, **giving_back(await paid(shop, "crossdock"), "10.00"))
    assert (shop.store.state()["money"], shop.store.state()["moneyAmounts"]) == (0, {})
    await refunded(shop, key="k2", **giving_back(await paid(shop, "stripe"), "10.00"))
    assert (shop.store.state()["money"], shop.store.state()["moneyAmounts"]) == (1, {"USD": "10"})


async def test_a_refund_is_given_in_the_customers_currency() -> None:
    """§4.6, recorded for two currencies."""
    shop = Shop()
    bag = money("12.00", shown=("8.00", "EUR"))
    order = await create(
        shop, presentmentCurrency="EUR", lineItems=[line(priceSet=bag)], transactions=[{"amountSet": bag}]
    )
    payload = await refunded(shop, **giving_back(order, "4.00", currency="EUR"))
    total = payload["refund"]["totalRefundedSet"]
    assert (total["shopMoney"]["amount"], total["presentmentMoney"]["amount"]) == ("6.0", "4.0")


async def test_restocking_and_notifying_are_only_done_when_asked_for() -> None:
    """§4.6 `notify`, `restockType`."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A", inventory_quantity=1)])
    variant = next(iter(shop.store.catalogue.variants)).id
    order = await paid(shop, email="ada@example.com", lineItems=[line("20.00", 2, variantId=variant)])
    await refunded(shop, **giving_back(order, "1.00", refundLineItems=units(order, 1)))
    assert (shop.store.state()["stockChanges"], shop.store.state()["mails"]) == (0, 0)
    location = shop.store.catalogue.locations[0]["id"]
    back = units(order, 1, restockType="RETURN", locationId=location)
    await refunded(shop, key="k2", **giving_back(order, "1.00", notify=True, refundLineItems=back))
    assert (shop.store.state()["stock"], shop.store.state()["mails"]) == ({variant: 2}, 1)


async def test_marking_as_paid_books_a_manual_sale_once() -> None:
    """§4.6."""
    shop = Shop()
    order = await create(shop, financialStatus="PENDING")
    made = (await shop.data(PAY, id=order["id"]))["order"]
    assert made == {
        "displayFinancialStatus": "PAID",
        "paymentGatewayNames": ["manual"],
        "transactions": [{"kind": "SALE", "gateway": "manual"}],
    }
    again = await shop.data(PAY, id=order["id"])
    assert again["userErrors"] == [{"field": ["id"], "message": "Order cannot be marked as paid."}]


async def test_cancelling_is_a_job_that_voids_an_unpaid_order_later() -> None:
    """§4.6, §0.1: irreversible, asynchronous, one at a time."""
    shop = Shop()
    order = await create(shop, financialStatus="PENDING", email="ada@example.com")
    payload = await shop.data(CANCEL, id=order["id"])
    assert payload["job"]["done"] is False
    assert (await shop.data(READ, id=order["id"]))["cancelledAt"] is None
    (error,) = (await shop.data(CANCEL, id=order["id"]))["orderCancelUserErrors"]
    assert error["message"] == "Cancellation is already in progress"
    shop.wait(5)
    poll = "query($id: ID!) { job(id: $id) { id done } }"
    assert await shop.data(poll, id=payload["job"]["id"]) == {"id": payload["job"]["id"], "done": True}
    after = await shop.data(READ, id=order["id"])
    assert (after["cancelledAt"], after["cancelReason"]) == ("2026-10-20T09:30:20Z", "OTHER")
    assert (after["displayFinancialStatus"], after["displayFulfillmentStatus"]) == (
        "VOIDED",
        "FULFILLMENT_NOT_REQUIRED",
    )
    assert amounts(after, "totalOutstandingSet") == ["0.0"]
    (error,) = (await shop.data(CANCEL, id=order["id"]))["orderCancelUserErrors"]
    assert error == {
        "code": "INVALID",
        "field": ["orderId"],
        "message": "Cannot cancel an order that has already been canceled",
    }
    assert (shop.store.state()["mails"], shop.store.state()["stockChanges"]) == (0, 0)


async def test_cancelling_keeps_a_paid_order_paid_unless_the_money_is_given_back() -> None:
    """§4.6 refundMethod: money moves through the gateway that took it."""
    shop = Shop()
    kept = await paid(shop, "stripe")
    given_back = await paid(shop, "stripe")
    await shop.data(CANCEL, id=kept["id"], method={"originalPaymentMethodsRefund": False})
    await shop.data(CANCEL, id=given_back["id"], method={"originalPaymentMethodsRefund": True})
    shop.wait(5)
    assert (await shop.data(READ, id=kept["id"]))["displayFinancialStatus"] == "PAID"
    after = await shop.data(READ, id=given_back["id"])
    assert (after["displayFinancialStatus"], *amounts(after, "totalRefundedSet")) == ("REFUNDED", "45.0")
    assert shop.store.state()["money"] == 1


async def test_cancelling_restocks_and_notifies_when_asked_for() -> None:
    """§4.6 restock, notifyCustomer."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A", inventory_quantity=1)])
    variant = next(iter(shop.store.catalogue.variants)).id
    order = await create(shop, email="ada@example.com", lineItems=[line(variantId=variant)])
    await shop.data(CANCEL, id=order["id"], restock=True, notify=True)
    shop.wait(5)
    assert (shop.store.state()["stock"], shop.store.state()["mails"]) == ({variant: 2}, 1)


async def test_recorded_refusals_of_cancelling() -> None:
    """§4.6."""
    shop = Shop()
    order = await create(shop)
    (error,) = (await shop.data(CANCEL, id=NOWHERE))["orderCancelUserErrors"]
    assert error == {"code": "NOT_FOUND", "field": ["orderId"], "message": "Order does not exist"}
    (error,) = (await shop.data(CANCEL, id=order["id"], note="x" * 256))["orderCancelUserErrors"]
    assert error["message"] == "Staff note is too long. Maximum length is 255 characters."
    method = {"originalPaymentMethodsRefund": False}
    (error,) = (await shop.data(CANCEL, id=order["id"], refund=False, method=method))["orderCancelUserErrors"]
    assert error["message"] == "Only one of the arguments `refund` or `refund_method` is allowed."


async def test_deleting_takes_orders_that_no_gateway_was_paid_for() -> None:
    """§4.6: missing is NOT_FOUND; a refusal is INVALID, its text unknown (§10)."""
    shop = Shop()
    order, real = await paid(shop), await paid(shop, "shopify_payments")
    assert await shop.data(DELETE, id=order["id"]) == {"deletedId": order["id"], "userErrors": []}
    (error,) = (await shop.data(DELETE, id=order["id"]))["userErrors"]
    assert error == {"code": "NOT_FOUND", "field": ["orderId"], "message": "Order does not exist"}
    (error,) = (await shop.data(DELETE, id=real["id"]))["userErrors"]
    assert error["code"] == "INVALID"
    assert shop.store.state()["orders"] == 1


async def test_closing_twice_keeps_the_first_time() -> None:
    """§4.6."""
    shop = Shop()
    order = await create(shop)
    close = "mutation($id: ID!) { orderClose(input: {id: $id}) { order { closedAt } userErrors { message } } }"
    first = await shop.data(close, id=order["id"])
    shop.wait(60)
    assert await shop.data(close, id=order["id"]) == first
    assert first["order"]["closedAt"] == "2026-10-20T09:30:15Z"


async def test_a_customer_is_attached_later() -> None:
    """§4.6 orderCustomerSet."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com")])
    order, customer = await create(shop), next(iter(shop.store.customers)).id
    assert (await shop.data(CUSTOMER, order=order["id"], customer=customer))["order"]["customer"] == {"id": customer}
    (error,) = (await shop.data(CUSTOMER, order=NOWHERE, customer=customer))["userErrors"]
    assert (error["code"], error["message"]) == ("NOT_FOUND", "Order does not exist")
    nobody = await shop.data(CUSTOMER, order=order["id"], customer="gid://shopify/Customer/1")
    assert nobody["userErrors"][0]["message"] == "Customer does not exist"


async def test_a_new_address_recalculates_the_taxes_of_an_unfulfilled_order() -> None:
    """§0.1: that is why a migrated order's address is never mended by orderUpdate; §4.3 for the texts."""
    shop = Shop()
    update = f"""mutation($input: OrderInput!) {{ orderUpdate(input: $input) {{
      order {{ totalTaxSet {BAG} note }} userErrors {{ field message }} }} }}"""
    taxed = [line("100.00", taxLines=[{"title": "VAT", "rate": "0.2", "priceSet": money("20.00")}])]
    order = await create(shop, lineItems=taxed)
    noted = await shop.data(update, input={"id": order["id"], "note": "n"})
    assert (noted["order"]["note"], *amounts(noted["order"], "totalTaxSet")) == ("n", "20.0")
    address = {"lastName": "Byrne", "zip": "10001", "countryCode": "US", "provinceCode": "NY", "city": "New York"}
    moved = await shop.data(update, input={"id": order["id"], "shippingAddress": address})
    assert amounts(moved["order"], "totalTaxSet") == ["7.0"]
    wrong = await shop.data(update, input={"id": order["id"], "shippingAddress": {"countryCode": "US"}})
    assert [error["message"] for error in wrong["userErrors"]] == [
        "Enter a last name",
        "Enter a ZIP code",
        "State is not a valid state in United States",
    ]
    empty = await shop.data(update, input={"id": order["id"]})
    assert empty["userErrors"] == [{"field": None, "message": "No valid update parameters have been provided"}]
