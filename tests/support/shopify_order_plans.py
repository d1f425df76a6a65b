"""Plans of orders for Shopify, and what they are refused for, for the tests that need no store."""

from typing import Any

import pytest

from crossdock.connectors.shopify.orders.losses import losses_of
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.connectors.shopify.orders.steps import order_steps
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.order import Order
from tests.support.shopify_orders import MUG, marker_of

AS_ORDER = Resolved(
    create_as="order",
    customer="gid://shopify/Customer/5",
    variants={MUG: "gid://shopify/ProductVariant/9"},
    name="#W17",
)
AS_DRAFT = Resolved(customer="gid://shopify/Customer/5", variants={MUG: "gid://shopify/ProductVariant/9"})


def payloads(order: Order, resolved: Resolved = AS_ORDER) -> dict[str, Any]:
    steps = order_steps(order, marker_of(order), resolved, region="DE")
    return {step.name: step.payload for step in steps}


def sent(order: Order, resolved: Resolved = AS_ORDER) -> Any:  # noqa: ANN401 - JSON as it is sent
    create = payloads(order, resolved)["create"]
    return create["input"] if resolved.is_draft else create["order"]


def codes(order: Order, resolved: Resolved = AS_ORDER) -> list[str]:
    return [reason.code for reason in losses_of(order, resolved, region="DE")]


def refusal(order: Order, resolved: Resolved = AS_ORDER) -> str:
    with pytest.raises(UnmappableValueError) as raised:
        payloads(order, resolved)
    return raised.value.code
