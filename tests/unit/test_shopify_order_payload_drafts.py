"""What is sent to make a draft on Shopify, what no order can hold, and what is told to be lost."""

from dataclasses import replace

from crossdock.connectors.shopify.orders.losses import losses_of
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.domain.money import Money
from crossdock.domain.order import Fee, Order, OrderLine
from crossdock.domain.plan import Level
from tests.support.shopify_order_plans import AS_DRAFT, codes, payloads, refusal, sent
from tests.support.shopify_orders import HARBOUR, MUG, euros, order_of, vat


def test_a_draft_is_sent_whole() -> None:
    order = order_of()
    whole = sent(order, AS_DRAFT)
    mug, tea, insurance, tax = whole["lineItems"]
    assert mug == {
        "quantity": 3,
        "title": "Blue mug",
        "variantId": "gid://shopify/ProductVariant/9",
        "sku": MUG,
        "priceOverride": {"amount": "3.34", "currencyCode": "EUR"},
        "requiresShipping": True,
        "taxable": False,
    }
    assert tea["customAttributes"] == [{"key": "Gift wrap", "value": "yes"}]
    assert insurance["customAttributes"] == [{"key": "_crossdock_fee", "value": "Insurance"}]
    assert tax["title"] == "Tax (as charged)"
    assert tax["originalUnitPriceWithCurrency"]["amount"] == "3.97"
    assert tax["customAttributes"][0]["key"] == "_crossdock_tax"
    assert whole["appliedDiscount"] == {
        "title": "SPRING",
        "value": 2.02,
        "amountWithCurrency": {"amount": "2.02", "currencyCode": "EUR"},
        "valueType": "FIXED_AMOUNT",
    }
    assert whole["shippingLine"] == {
        "title": "Parcel",
        "priceWithCurrency": {"amount": "4.90", "currencyCode": "EUR"},
    }
    assert whole["tags"] == ["crossdock"]
    assert whole["purchasingEntity"] == {"customerId": "gid://shopify/Customer/5"}
    refused = {"acceptAutomaticDiscounts": False, "useCustomerDefaultAddress": False, "taxExempt": True}
    assert refused.items() <= whole.items()
    assert "reserveInventoryUntil" not in whole
    assert list(payloads(order, AS_DRAFT)) == ["create", "verify"]


def test_the_note_of_a_draft_says_what_it_can_not_hold() -> None:
    note = sent(order_of(refunded=euros("3.00")), AS_DRAFT)["note"]
    assert note == (
        "Ring twice.\n\n"
        "Imported order 17 on 2024-05-06T07:08:09Z.\n"
        "Paid on 2024-05-06T08:00:00Z by Credit card.\n"
        "Status: completed, paid, fulfilled.\n"
        "Completed on 2024-05-08T00:00:00Z.\n"
        "Refunded: 3.00 EUR."
    )
    long = sent(order_of(note="x" * 6_000), AS_DRAFT)["note"]
    assert len(long) <= 5_000
    assert "Imported order 17" in long


def test_included_taxes_are_no_line_of_a_draft() -> None:
    order = order_of(taxes_included=True)
    assert len(sent(order, AS_DRAFT)["lineItems"]) == 3
    assert "draft_tax_included" in codes(order, AS_DRAFT)


def test_that_it_is_a_draft_is_told_first() -> None:
    first = losses_of(order_of(), AS_DRAFT, region="DE")[0]
    assert first.level is Level.WARNING
    assert first.message == "Created as draft order - requires manual completion"


def test_what_can_not_be_held_is_refused() -> None:
    many = tuple(OrderLine("Tea", 1, euros(1), euros(1), id=str(number)) for number in range(500))
    bare = order_of(fees=(), shipping_lines=(), coupons=(), lines=many[:250])
    assert len(sent(bare)["lineItems"]) == 250
    assert refusal(order_of(fees=(), shipping_lines=(), lines=many[:251])) == "too_many_lines"
    assert refusal(order_of(fees=(), shipping_lines=(), lines=many), AS_DRAFT) == "too_many_lines"
    assert (
        refusal(order_of(fees=(), shipping_lines=(), lines=(replace(many[0], quantity=0),), total=euros(0)))
        == "no_lines"
    )
    assert refusal(order_of(total=euros("1.23"))) == "total_not_representable"
    assert refusal(order_of(fees=(Fee("Gift", euros("-50.00")),))) == "total_not_representable"
    foreign = Order(
        "1", "1", "XTS", Money.of(1, "XTS"), lines=(OrderLine("A", 1, Money.of(1, "XTS"), Money.of(1, "XTS")),)
    )
    assert refusal(foreign) == "currency_unsupported"


def test_a_draft_with_a_tax_line_too_many_is_refused() -> None:
    lines = tuple(OrderLine("Tea", 1, euros(1), euros(1), id=str(number)) for number in range(499))
    full = order_of(fees=(), shipping_lines=(), coupons=(), lines=lines)
    assert len(sent(full, AS_DRAFT)["lineItems"]) == 499
    taxed = order_of(fees=(), shipping_lines=(), coupons=(), lines=(replace(lines[0], taxes=vat("0.19")), *lines[1:]))
    assert refusal(taxed, AS_DRAFT) == "too_many_lines"


def test_odd_values_are_left_out_and_told() -> None:
    order = order_of(
        email="not an address",
        phone="call me",
        billing=replace(HARBOUR, country_code="ZZ"),
        shipping=replace(HARBOUR, country_code="UK", address1="x" * 300),
        tags=("a,b", "c" * 41),
        note="n" * 5_001,
        lines=(OrderLine("", 0, euros(0), euros(0)), OrderLine("t" * 300, 1, euros(5), euros(5), sku="S")),
        fees=(),
        coupons=(),
        unknown=("awaiting-label",),
        presentment_total=Money.of(30, "USD"),
    )
    whole = sent(order)
    assert "email" not in whole
    assert "phone" not in whole
    assert "billingAddress" not in whole
    assert whole["shippingAddress"]["countryCode"] == "GB"
    assert len(whole["shippingAddress"]["address1"]) == 255
    assert whole["tags"] == ["a", "b"]
    assert len(whole["note"]) == 5_000
    assert [len(line["title"]) for line in whole["lineItems"]] == [255]
    details = {one["key"]: one["value"] for one in whole["customAttributes"]}
    assert details["_crossdock_email"] == "not an address"
    assert details["_crossdock_phone"] == "call me"
    assert details["_crossdock_presentment"] == "30.00 USD"
    assert set(codes(order)) == {
        "product_missing",
        "line_without_units",
        "text_cut",
        "email_left_out",
        "email_of_customer",
        "phone_invalid",
        "country_unknown",
        "country_corrected",
        "note_cut",
        "tags_cut",
        "status_unknown",
        "presentment_lost",
        "payment_reference",
        "not_carried_over",
    }


def test_a_sku_of_several_products_is_told_as_such() -> None:
    order = order_of(lines=(OrderLine("Mug", 1, euros(5), euros(5), sku=MUG),))
    found = codes(order, Resolved(create_as="order", ambiguous=(MUG,)))
    assert "sku_ambiguous" in found
    assert "product_missing" not in found


def test_a_number_that_is_taken_is_told() -> None:
    assert "number_taken" in codes(order_of(), Resolved(create_as="order", name="#W17", is_number_taken=True))
    assert "number_taken" not in codes(order_of())


def test_each_code_is_told_once_and_in_the_same_words() -> None:
    one, other = order_of(), order_of("18", email="ben@example.org")
    reasons = losses_of(one, AS_DRAFT, region="DE")
    assert len({reason.code for reason in reasons}) == len(reasons)
    assert {reason.message for reason in reasons} == {r.message for r in losses_of(other, AS_DRAFT, region="DE")}
