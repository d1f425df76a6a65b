"""What Shopify's words on a refused order mean, and what is sent instead."""

import msgspec
import pytest

from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.connectors.shopify.orders.steps import order_steps
from crossdock.connectors.shopify.orders.verdicts import UserError, judge, remedied
from crossdock.connectors.shopify.orders.wire_out import (
    DraftInput,
    DraftVariables,
    OrderInput,
    OrderVariables,
    total_of,
)
from tests.support.shopify_orders import MUG, marker_of, order_of

VARIANTS = {MUG: "gid://shopify/ProductVariant/9"}
CUSTOMER = "gid://shopify/Customer/5"


def order() -> OrderInput:
    resolved = Resolved("order", customer=CUSTOMER, variants=VARIANTS, name="#W17")
    whole = order_of(tags=("gift",))
    step = order_steps(whole, marker_of(whole), resolved, region="DE")[0]
    return msgspec.convert(step.payload, OrderVariables).order


def draft() -> DraftInput:
    whole = order_of(tags=("gift",))
    step = order_steps(whole, marker_of(whole), Resolved(customer=CUSTOMER, variants=VARIANTS), region="DE")[0]
    return msgspec.convert(step.payload, DraftVariables).input


def refused(message: str, *path: str) -> UserError:
    return UserError(message, path or None)


@pytest.mark.parametrize("sent", [order(), draft()], ids=["order", "draft"])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refused("Email is invalid", "order", "email"), "email_left_out"),
        (refused("Phone is invalid", "phone"), "phone_invalid"),
        (refused("Title Tag exceeds the maximum length of 40 characters", "tags", "0"), "tags_refused"),
        (refused("Customer does not exist", "order", "customer", "toAssociate", "id"), "customer_refused"),
        (refused("Customer does not exist"), "customer_refused"),
        (refused("Enter a ZIP code", "order", "shippingAddress", "zip"), "address_refused"),
        (refused("Phone is invalid", "order", "billingAddress", "phone"), "address_part_refused"),
        (refused("Product with ID 9 is no longer available."), "product_refused"),
        (refused("Variant does not exist", "order", "lineItems", "0", "variantId"), "product_refused"),
    ],
)
def test_a_refused_value_is_left_out_told_once_and_the_total_stays(
    sent: OrderInput | DraftInput, error: UserError, code: str
) -> None:
    verdict = judge([error, error], sent)
    assert [reason.code for reason in verdict.reasons] == [code]
    assert verdict.refusal is None
    changed = remedied(sent, verdict)
    assert changed != sent
    assert total_of(changed) == total_of(sent)
    # What is still refused after all that can be left out ends the record.
    for _ in range(2):
        changed = remedied(changed, judge([error], changed))
    assert remedied(changed, judge([error], changed)) == changed


def test_what_was_left_out_is_kept_in_the_details() -> None:
    sent = order()
    verdict = judge(
        [refused("Email is invalid", "order", "email"), refused("Phone is invalid", "order", "phone")], sent
    )
    details = {one.key: one.value for one in remedied(sent, verdict).custom_attributes}
    assert details["_crossdock_email"] == sent.email
    assert details["_crossdock_phone"] == sent.phone


def test_a_province_goes_alone_and_the_address_with_a_part_that_was_not_sent() -> None:
    sent = order()
    assert sent.shipping_address is not None
    address = msgspec.structs.replace(sent.shipping_address, province_code="ZZ", company="")
    sent = msgspec.structs.replace(sent, shipping_address=address)
    error = refused("State is not a valid state in Germany", "order", "shippingAddress", "province")
    verdict = judge([error], sent)
    assert [reason.code for reason in verdict.reasons] == ["province_refused"]
    assert remedied(sent, verdict).shipping_address == msgspec.structs.replace(address, province_code="")
    verdict = judge([refused("Company is too long", "order", "shippingAddress", "company")], sent)
    assert [reason.code for reason in verdict.reasons] == ["address_refused"]
    assert remedied(sent, verdict).shipping_address is None


def test_a_marker_that_is_taken_and_a_limit_are_no_refusals() -> None:
    taken = judge([refused("Value is already in use", "order", "metafields", "0", "value")], order())
    assert taken.is_marker_taken
    assert taken.refusal is None
    limit = judge([refused("Too many attempts. Please try again later.")], order())
    assert limit.wait is not None
    assert limit.wait.code == "orders_limited"


def test_anything_else_ends_the_record_in_the_stores_words() -> None:
    verdict = judge([UserError("<b>No</b> more", ("order", "lineItems"), "INVALID")], order())
    assert verdict.refusal is not None
    assert verdict.refusal.code == "refused_by_store"
    assert "No" in verdict.refusal.message
    assert verdict.refusal.detail == "INVALID"
