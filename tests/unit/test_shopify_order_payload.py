"""What is sent to make an order on Shopify, its refunds and its cancellation."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.domain.customer import Address
from crossdock.domain.order import Financial, Fulfillment, OrderLine, Refund, RefundLine, TaxLine
from tests.support.shopify_order_plans import codes, payloads, sent
from tests.support.shopify_orders import MUG, ORDERED_AT, euros, order_of, vat


def money(amount: str) -> dict[str, object]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def test_an_order_is_sent_whole() -> None:
    order = order_of()
    create = payloads(order)["create"]
    assert create["options"] == {
        "inventoryBehaviour": "BYPASS",
        "sendReceipt": False,
        "sendFulfillmentReceipt": False,
    }
    whole = create["order"]
    assert {
        name: whole[name] for name in ("name", "currency", "email", "phone", "note", "processedAt", "closedAt")
    } == {
        "name": "#W17",
        "currency": "EUR",
        "email": "ada@example.com",
        "phone": "+4930123456",
        "note": "Ring twice.",
        "processedAt": "2024-05-06T07:08:09Z",
        "closedAt": "2024-05-08T00:00:00Z",
    }
    assert whole["sourceIdentifier"] == "woocommerce:shop.example.com:order:17"
    assert whole["metafields"] == [
        {"namespace": "crossdock", "key": "source_id", "type": "id", "value": whole["sourceIdentifier"]}
    ]
    assert whole["customer"] == {"toAssociate": {"id": "gid://shopify/Customer/5"}}
    assert whole["fulfillmentStatus"] == "FULFILLED"
    assert "financialStatus" not in whole
    assert whole["transactions"] == [
        {
            "kind": "SALE",
            "status": "SUCCESS",
            "gateway": "Imported: Credit card",
            "amountSet": money(str(order.total)),
            "processedAt": "2024-05-06T08:00:00Z",
        }
    ]


def test_lines_keep_their_product_price_and_taxes() -> None:
    mug, tea, insurance = sent(order_of())["lineItems"]
    assert mug == {
        "title": "Blue mug",
        "quantity": 3,
        # 10.00 for three is 3.34 each, rounded up: the discount takes the rest back.
        "priceSet": money("3.34"),
        "variantId": "gid://shopify/ProductVariant/9",
        "sku": MUG,
        "requiresShipping": True,
        "taxLines": [{"title": "VAT", "rate": "0.19", "priceSet": money("1.71")}],
    }
    assert "variantId" not in tea
    assert tea["properties"] == [{"name": "Gift wrap", "value": "yes"}]
    assert insurance["properties"] == [{"name": "_crossdock_fee", "value": "Insurance"}]
    assert "requiresShipping" not in insurance
    assert insurance["taxLines"] == [{"title": "VAT", "rate": "0.19", "priceSet": money("0.38")}]


def test_coupons_reductions_and_rounding_are_one_discount() -> None:
    whole = sent(order_of())
    discount = whole["discountCode"]["itemFixedDiscountCode"]
    # 1.00 by the coupon, 1.00 as a negative fee, 0.02 that rounding a unit's price up has added.
    assert discount == {"code": "SPRING", "amountSet": money("2.02")}
    details = {one["key"]: one["value"] for one in whole["customAttributes"]}
    assert details == {
        "_crossdock_number": "17",
        "_crossdock_status": "completed",
        "_crossdock_coupons": '[["SPRING","1.00"]]',
        "_crossdock_reductions": "1.02",
        "_crossdock_payment": "ch_1",
    }


def test_a_discount_without_a_coupon_has_a_code_of_ours() -> None:
    discount = sent(order_of(coupons=()))["discountCode"]["itemFixedDiscountCode"]
    assert discount["code"] == "crossdock"


def test_where_taxes_are_included_prices_hold_them() -> None:
    whole = sent(order_of(taxes_included=True))
    assert whole["taxesIncluded"] is True
    assert whole["transactions"][0]["amountSet"] == money("19.90")


@pytest.mark.parametrize(
    ("tax", "rate"),
    [
        (TaxLine("VAT", euros("0.95"), Decimal("0.19")), "0.19"),
        (TaxLine("VAT", euros("0.95")), "0.190000"),
        (TaxLine("VAT", euros("0.00"), Decimal(0)), None),
    ],
    ids=["known", "worked out", "none"],
)
def test_every_tax_has_a_rate(tax: TaxLine, rate: str | None) -> None:
    order = order_of(lines=(OrderLine("Tea", 1, euros(5), euros(5), taxes=(tax,)),), fees=(), coupons=())
    taxes = sent(order)["lineItems"][0].get("taxLines", [])
    assert [one["rate"] for one in taxes] == ([rate] if rate else [])


def test_taxes_of_the_whole_order_stay_so() -> None:
    line = OrderLine("Tea", 1, euros(5), euros(5))
    order = order_of(
        lines=(line,),
        fees=(),
        coupons=(),
        shipping_lines=(),
        taxes=vat("0.95"),
        total=euros("5.95"),
        total_tax=euros("0.95"),
    )
    whole = sent(order)
    assert whole["taxLines"] == [{"title": "VAT", "rate": "0.19", "priceSet": money("0.95")}]


@pytest.mark.parametrize(
    ("status", "is_cancelled", "financial", "steps"),
    [
        (Financial.PENDING, False, "PENDING", ["create", "verify"]),
        (Financial.VOIDED, False, "VOIDED", ["create", "verify"]),
        (Financial.VOIDED, True, "VOIDED", ["create", "cancel", "verify"]),
        ("something_new", False, "PENDING", ["create", "verify"]),
    ],
)
def test_what_is_not_paid_has_a_status_and_no_payment(
    *, status: str, is_cancelled: bool, financial: str, steps: list[str]
) -> None:
    order = order_of(financial_status=status, is_cancelled=is_cancelled, paid_at=None, fulfillment_status="unfulfilled")
    assert list(payloads(order)) == steps
    whole = sent(order)
    assert whole["financialStatus"] == financial
    assert "transactions" not in whole
    assert "closedAt" not in whole
    assert "fulfillmentStatus" not in whole


def test_an_order_of_nothing_is_paid_without_a_payment() -> None:
    line = OrderLine("Sample", 1, euros(0), euros(0))
    whole = sent(order_of(lines=(line,), fees=(), coupons=(), shipping_lines=()))
    assert whole["financialStatus"] == "PAID"
    assert "transactions" not in whole


def test_refunded_without_a_refund_stays_refunded() -> None:
    assert sent(order_of(financial_status=Financial.REFUNDED))["financialStatus"] == "REFUNDED"


def test_each_refund_is_a_step_with_a_key_of_its_own() -> None:
    refunded_at = datetime(2024, 6, 1, tzinfo=UTC)
    refunds = (
        Refund("91", euros("7.14"), "Broken", refunded_at, (RefundLine("1", 2),)),
        Refund("92", euros("1.00"), "Sorry", lines=(RefundLine("1", 1),)),
        Refund("93", euros("500.00")),
    )
    order = order_of(refunds=refunds, financial_status=Financial.REFUNDED)
    planned = payloads(order)
    assert list(planned) == ["create", "refund:91", "refund:92", "refund:93", "verify"]
    assert planned == payloads(order)
    first, second, third = planned["refund:91"], planned["refund:92"], planned["refund:93"]
    assert first["amount"] == {"amount": "7.14", "currencyCode": "EUR"}
    assert first["note"] == "Broken [crossdock refund 91]"
    assert first["processedAt"] == "2024-06-01T00:00:00Z"
    assert first["gateway"] == "Imported: Credit card"
    # Two of three mugs cost 6.00 and 1.14 of tax; one mug did not cost 1.00.
    assert first["lines"] == [{"place": 0, "quantity": 2}]
    assert second["lines"] == []
    assert Decimal(third["amount"]["amount"]) == order.total.amount - Decimal("8.14")
    assert planned["verify"]["refunded"] == str(order.total)
    assert {"refund_clipped", "refund_by_amount"} <= set(codes(order))


def test_a_cancellation_moves_no_money_stock_or_mail() -> None:
    order = order_of(is_cancelled=True, cancel_reason="customer", financial_status=Financial.VOIDED)
    assert payloads(order)["cancel"] == {
        "reason": "CUSTOMER",
        "restock": False,
        "notifyCustomer": False,
        "staffNote": "customer",
        "refundMethod": {"originalPaymentMethodsRefund": False},
    }
    other = payloads(replace(order, cancel_reason="x" * 300))["cancel"]
    assert (other["reason"], other["staffNote"]) == ("OTHER", "x" * 255)


def test_an_address_of_names_only_is_sent() -> None:
    whole = sent(order_of(billing=Address("Ada", "Byron"), shipping=Address(phone="")))
    assert whole["billingAddress"] == {"firstName": "Ada", "lastName": "Byron"}
    assert "shippingAddress" not in whole


def test_partly_delivered_is_told_as_such() -> None:
    order = order_of(fulfillment_status=Fulfillment.PARTIALLY_FULFILLED)
    assert sent(order)["fulfillmentStatus"] == "PARTIAL"
    assert "closedAt" not in sent(order)


def test_what_should_read_back_is_planned() -> None:
    order = order_of()
    assert payloads(order)["verify"] == {
        "total": str(order.total),
        "currency": "EUR",
        "units": 5,
        "lines": 3,
        "reductions": "1.02",
        "tax": "3.97",
        "name": "#W17",
        "processedAt": ORDERED_AT.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "email": "ada@example.com",
        "customer": "gid://shopify/Customer/5",
        "note": "Ring twice.",
        "received": "23.87",
        "refunded": "0.00",
    }
