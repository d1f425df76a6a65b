"""Orders as tests compare them: short ways to make one, and to look at what a comparison found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crossdock.compare.differences import Differences
from crossdock.domain.difference import Group
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.memory_source import ORDER_SOURCE_PREFIX
from tests.support.matches import match_of

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def an_order(
    number: int | str,
    name: str = "",
    email: str = "ada@example.com",
    total: str = "99.90",
    *,
    hours: float | None = 0,
    currency: str = "EUR",
) -> Order:
    """Make an order of Ada's, some hours after `NOON` or without a time."""
    moment = None if hours is None else NOON + timedelta(hours=hours)
    return Order(str(number), name, currency, Money.of(total, currency), created_at=moment, email=email)


def a_draft(number: int | str, source_id: str, *, became: str = "", total: str = "99.90") -> Order:
    """Make our draft of a source order."""
    return replace(
        an_order(number, "D1", total=total), is_draft=True, became_id=became, marker=f"{ORDER_SOURCE_PREFIX}{source_id}"
    )


def rows_of(differences: Differences, group: Group) -> list[dict[str, object]]:
    """Give a whole list."""
    return [dict(row) for row in differences.page(group, limit=1000)[0]]


def missing_in(differences: Differences) -> set[object]:
    """Give the ids of the missing orders, once the counts add up."""
    assert differences.summary.counts.add_up()
    return {row["source_id"] for row in rows_of(differences, Group.ONLY_IN_SOURCE)}


def pair_of(differences: Differences, source_id: str) -> tuple[object, object] | None:
    """Give what an order was matched with, and by which rule."""
    match = match_of(differences, source_id)
    return None if match is None else (match["destination_id"], match["matched_by"])
