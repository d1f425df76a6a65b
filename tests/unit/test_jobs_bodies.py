"""The contract's bodies: exact values, and an e-mail address or nothing, never a name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.domain.difference import Group
from crossdock.domain.plan import Level, Reason
from crossdock.jobs.bodies import LISTS, RecordBodies
from crossdock.jobs.bodies.customers import CUSTOMER_BODIES
from crossdock.jobs.bodies.orders import ORDER_BODIES
from crossdock.state import WorkOutcome, WorkRow


def _row(label: str, expected: str) -> WorkRow:
    return WorkRow(0, "7", label, expected, WorkOutcome.FAILED, "", "email_missing", "No.", (), None)


@pytest.mark.parametrize(
    ("label", "expected", "email"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("Ada Lovelace", "Ada Lovelace", ""),
        ("+4915112345678", "+4915112345678", ""),
        ("", "", ""),
        ("ada@example.com", "gid://shopify/Customer/7", "ada@example.com"),
    ],
)
def test_only_an_address_is_an_email(label: str, expected: str, email: str) -> None:
    assert CUSTOMER_BODIES.result(_row(label, expected))["email"] == email


def _order(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - any value of a column
    row: dict[str, Any] = {
        "number": "1234",
        "email": "customer@example.com",
        "total": "99.99",
        "currency": "EUR",
        "created_at": datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
        "source_id": "123",
        "line_item_count": 3,
        "financial_status": "paid",
        "fulfillment_status": "fulfilled",
        "stale_destination_id": None,
        "stale_linked_at": None,
    }
    return row | values


def test_an_order_is_the_contracts_own_example() -> None:
    body = ORDER_BODIES.difference(Group.ONLY_IN_SOURCE, _order(), "woocommerce", "shopify")
    assert body == {
        "orderNumber": "1234",
        "email": "customer@example.com",
        "totalPrice": "99.99",
        "currency": "EUR",
        "createdAt": "2024-01-15T10:30:00Z",
        "sourceOrderId": "123",
        "existsInSource": True,
        "existsInDestination": False,
        "sourcePlatform": "woocommerce",
        "destinationPlatform": "shopify",
        "lineItemCount": 3,
        "financialStatus": "paid",
        "fulfillmentStatus": "fulfilled",
    }


def test_what_is_not_known_of_an_order_keeps_its_member() -> None:
    unknown = _order(email="", number=None, created_at=None, line_item_count=None)
    body = ORDER_BODIES.difference(Group.ONLY_IN_SOURCE, unknown, "shopify", "woocommerce")
    assert (body["email"], body["orderNumber"], body["createdAt"]) == ("", "", "")
    assert body["lineItemCount"] is None


def test_a_time_without_a_zone_is_utc() -> None:
    naive = datetime(2024, 1, 15, 10, 30)  # noqa: DTZ001 - as result files hold it
    body = ORDER_BODIES.difference(Group.ONLY_IN_SOURCE, _order(created_at=naive), "shopify", "woocommerce")
    assert body["createdAt"] == "2024-01-15T10:30:00Z"


def test_a_suspect_match_shows_both_sides() -> None:
    sides = {f"{side}_{name}": f"{side} {name}" for side in ("source", "destination") for name in ("email", "total")}
    dates = {"source_created_at": datetime(2024, 1, 15, tzinfo=UTC), "destination_created_at": None}
    currencies = {"source_currency": "EUR", "destination_currency": "JPY"}
    row = _order(destination_id="gid://shopify/Order/1", destination_number="1234", **sides, **dates, **currencies)
    body = ORDER_BODIES.difference(Group.SUSPECT_MATCHES, row, "woocommerce", "shopify")
    assert body["destinationOrderId"] == "gid://shopify/Order/1"
    assert body["source"] == {
        "email": "source email",
        "total": "source total",
        "currency": "EUR",
        "createdAt": "2024-01-15T00:00:00Z",
    }
    assert body["destination"]["createdAt"] == ""


def test_fields_that_differ_have_the_contracts_names() -> None:
    lines = {"source_line_count": 3, "destination_line_count": 2}
    row = _order(destination_id="7", destination_number="9", fields=["line_count"], **lines)
    body = ORDER_BODIES.difference(Group.FIELD_DIFFERENCES, row, "shopify", "woocommerce")
    assert body["fields"] == ["lineCount"]
    assert (body["source"], body["destination"]) == ({"lineCount": "3"}, {"lineCount": "2"})


def test_an_orders_result_has_its_number_its_new_id_and_its_warnings() -> None:
    draft = Reason("created_as_draft", Level.WARNING, "Created as draft order - requires manual completion")
    made = WorkRow(
        0, "123", "1234", "", WorkOutcome.SUCCEEDED, "gid://shopify/DraftOrder/123456", "", "", (draft,), None
    )
    assert ORDER_BODIES.result(made) == {
        "orderNumber": "1234",
        "sourceOrderId": "123",
        "success": True,
        "newOrderId": "gid://shopify/DraftOrder/123456",
        "warnings": ["Created as draft order - requires manual completion"],
    }


@pytest.mark.parametrize("bodies", [CUSTOMER_BODIES, ORDER_BODIES], ids=lambda bodies: bodies.kind.plural)
def test_every_kind_writes_every_list(bodies: RecordBodies) -> None:
    assert set(bodies.lists) == set(LISTS.values()) == set(Group)
