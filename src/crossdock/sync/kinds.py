"""What a sync needs to know of a record kind, beyond what its connectors know.

Owns the questions that every sync raises: which record was meant, is it still that record, has the destination come to
have it, what are its amounts; and which options there are. It must not know steps or stores.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crossdock.domain.customer import Customer
from crossdock.domain.figures import Figures
from crossdock.domain.identity import email_key, number_key
from crossdock.domain.kinds import CUSTOMER, ORDER, RecordKind
from crossdock.domain.order import Order
from crossdock.sync.options import SyncOption

_SAME_TIME = timedelta(hours=24)
_SOUND = 2


@dataclass(frozen=True, slots=True)
class SyncKind:
    """One kind as a sync sees it.

    `is_same` tells whether a record is still the one that the caller named by its e-mail address or number.
    `changed_message` is the sentence for one that isn't. `match_keys` give keys under which records of both stores meet
    that could be one, and `is_match` whether two such records are one; none where the destination itself refuses a
    second. `moment` tells when a record came to be: those that are sent together go oldest first. `figures` give the
    amounts of a record. `person` tells under which id the customer of a record is known; the people of such records are
    migrated first.
    """

    kind: RecordKind
    is_same: Callable[[Any, str], bool]
    changed_message: str
    match_keys: Callable[[Any], tuple[str, ...]] | None = None
    is_match: Callable[[Any, Any], bool] | None = None
    moment: Callable[[Any], datetime | None] | None = None
    figures: Callable[[Any], Figures] | None = None
    person: Callable[[Any], str] | None = None
    options: tuple[SyncOption, ...] = ()


def _is_same_customer(customer: Customer, expected: str) -> bool:
    if not customer.email.strip():
        # Lists name a customer without an address by name or telephone.
        return "@" not in expected
    return email_key(customer.email) == email_key(expected)


def _is_same_order(order: Order, expected: str) -> bool:
    numbers = {order.number_key(), number_key(order.number)} - {None}
    # Lists name an order without a number by its e-mail address or id.
    return not numbers or number_key(expected) in numbers


def _order_keys(order: Order) -> tuple[str, ...]:
    """Give the number, and the e-mail address with the total: orders that could be one share either."""
    number, email = order.number_key(), order.email_key()
    keys = [f"number\x1f{number}"] if number else []
    if email:
        keys.append(f"total\x1f{email}\x1f{order.total}\x1f{order.currency}")
    return tuple(keys)


def _is_one_order(one: Order, other: Order) -> bool:
    """Whether two orders are one: by the number with sound evidence, or by e-mail, total and time together."""
    has_email = one.email_key() is not None and one.email_key() == other.email_key()
    has_total = one.total == other.total
    times = one.created_at, other.created_at
    has_time = times[0] is not None and times[1] is not None and abs(times[0] - times[1]) <= _SAME_TIME
    evidence = has_email + has_total + has_time
    if one.number_key() is not None and one.number_key() == other.number_key():
        return evidence >= _SOUND
    return has_email and has_total and has_time


CUSTOMERS = SyncKind(
    kind=CUSTOMER,
    is_same=_is_same_customer,
    changed_message=(
        "The source's customer with this id has another e-mail address now. Nothing was written; compare again."
    ),
)

ORDERS = SyncKind(
    kind=ORDER,
    is_same=_is_same_order,
    changed_message="The source's order with this id has another number now. Nothing was written; compare again.",
    match_keys=_order_keys,
    is_match=_is_one_order,
    moment=lambda order: order.created_at,
    figures=Order.figures,
    person=Order.person,
    options=(
        SyncOption(
            "createAs",
            "choice",
            "draft",
            "Drafts are completed by hand and hold no date, number, payment or fulfilment; orders hold all of them.",
            ("draft", "order"),
        ),
        SyncOption(
            "createMissingCustomers",
            "flag",
            None,
            "Migrate customers that the orders need and the destination lacks; by default yes into Shopify, no into "
            "WooCommerce.",
        ),
        SyncOption(
            "requireProducts", "flag", default=False, help="Fail an order of which a product is not found by its SKU."
        ),
        SyncOption(
            "numberPrefix",
            "text",
            "W",
            "Stands before an order's number where the number itself is taken, or may be taken later.",
        ),
        SyncOption(
            "keepNumber",
            "choice",
            "free",
            "Keep the source's number where it is free, or write every number with the prefix.",
            ("free", "prefix"),
        ),
    ),
)
