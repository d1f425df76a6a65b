"""Orders and drafts as Shopify writes them, for the tests of how they are read."""

from typing import Any

import msgspec

from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.mapping import to_order
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.domain.money import Money
from crossdock.domain.order import Order

FORM = NumberFormat()
GID = "gid://shopify/Order/7"


def bag(amount: str, currency: str = "EUR", presentment: tuple[str, str] | None = None) -> dict[str, Any]:
    told = {"shopMoney": {"amount": amount, "currencyCode": currency}}
    if presentment is None:
        return told
    return {**told, "presentmentMoney": {"amount": presentment[0], "currencyCode": presentment[1]}}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def header(**fields: object) -> dict[str, Any]:
    return {
        "id": GID,
        "name": "#1001",
        "createdAt": "2026-06-30T13:24:58Z",
        "processedAt": "2024-02-03T04:05:06Z",
        "totalPriceSet": bag("26.6"),
        **fields,
    }


def line(number: int, **fields: object) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": f"Mug {number}",
        "quantity": 1,
        "currentQuantity": 1,
        "originalUnitPriceSet": bag("10.0"),
        **fields,
    }


def refund(amount: str, *lines: tuple[int, int], note: str | None = None) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Refund/1",
        "createdAt": "2024-03-01T00:00:00Z",
        "note": note,
        "totalRefundedSet": bag(amount),
        "refundLineItems": {
            "nodes": [
                {"quantity": units, "lineItem": {"id": f"gid://shopify/LineItem/{number}"}, "subtotalSet": bag("10.0")}
                for number, units in lines
            ]
        },
    }


def lines_of(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": list(lines), "pageInfo": {"hasNextPage": False, "endCursor": None}}


def node(**fields: object) -> wire.Order:
    return msgspec.json.decode(msgspec.json.encode(header(**fields)), type=wire.Order)


def draft_node(**fields: object) -> wire.Draft:
    told = {"id": "gid://shopify/DraftOrder/9", "name": "#D9", "status": "OPEN", "totalPriceSet": bag("12.0"), **fields}
    return msgspec.json.decode(msgspec.json.encode(told), type=wire.Draft)


def whole(**fields: object) -> Order:
    read = node(**fields)
    return to_order(read, read.line_items.nodes if read.line_items else (), FORM)
