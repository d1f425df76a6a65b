"""Orders in the contract: what the members of their rows are called.

Owns these names. It must not know how orders are matched or written.
"""

from datetime import datetime

from crossdock.domain.difference import Group
from crossdock.domain.kinds import ORDER
from crossdock.jobs.bodies import (
    ListBody,
    Member,
    RecordBodies,
    Unknown,
    destination_id_member,
    source_id_member,
)
from crossdock.state import WorkRow

_ORDER = (
    Member("orderNumber", "number", Unknown.EMPTY),
    Member("email", "email", Unknown.EMPTY),
    Member("totalPrice", "total", Unknown.EMPTY, help="Exact, with the currency's decimals, before refunds."),
    Member("currency", "currency", Unknown.EMPTY, help="ISO 4217; the shop's currency."),
    Member("createdAt", "created_at", Unknown.EMPTY, value_type=datetime, help="When the customer ordered."),
    Member(source_id_member(ORDER), "source_id", Unknown.EMPTY),
    Member(
        "lineItemCount",
        "line_item_count",
        Unknown.NULL,
        value_type=int,
        help="How many positions it has; null where it was not read.",
    ),
    Member("financialStatus", "financial_status", Unknown.EMPTY, help="Shopify's words in lower case."),
    Member("fulfillmentStatus", "fulfillment_status", Unknown.EMPTY, help="Shopify's words in lower case."),
)
_DESTINATION_ID = destination_id_member(ORDER)
_BOTH_IDS = (
    *_ORDER,
    Member(_DESTINATION_ID, "destination_id", Unknown.EMPTY),
    Member("destinationOrderNumber", "destination_number", Unknown.EMPTY),
)
_EITHER_ID = (
    *_ORDER,
    Member(_DESTINATION_ID, "destination_id"),
    Member("side", "side", Unknown.EMPTY, help="`source` or `destination`."),
)
_IN_BOTH = {"existsInSource": True, "existsInDestination": True}


def _number_of(row: WorkRow) -> str:
    # An order without a number is named in lists by its e-mail address.
    return next((text for text in (row.expected, row.label) if text and "@" not in text), "")


ORDER_BODIES = RecordBodies(
    kind=ORDER,
    lists={
        Group.ONLY_IN_SOURCE: ListBody(
            name="OrderDifference",
            help="An order that exists in the source only.",
            members=(
                *_ORDER,
                Member(
                    "migratedBeforeAs",
                    "stale_destination_id",
                    help="The id of an earlier migration that was deleted since.",
                ),
                Member("migratedBeforeAt", "stale_linked_at"),
            ),
            fixed={"existsInSource": True, "existsInDestination": False},
        ),
        Group.SUSPECT_MATCHES: ListBody(
            name="SuspectOrder",
            help="Two orders with one number and little else in common; can be selected for migration.",
            members=_BOTH_IDS,
            fixed=_IN_BOTH,
            shown=("email", "total", "currency", "created_at"),
        ),
        Group.FIELD_DIFFERENCES: ListBody(
            name="OrderFieldDifference",
            help="A matched order of which some fields differ; a report, never selected for migration.",
            members=_BOTH_IDS,
            fixed=_IN_BOTH,
            shows_fields=True,
        ),
        Group.DUPLICATES: ListBody(
            name="OrderDuplicate",
            help="A further copy that we made of one order; equal orders of one customer are each an order.",
            members=(*_EITHER_ID, Member("duplicateOf", "representative_id", Unknown.EMPTY)),
        ),
        Group.UNMATCHABLE: ListBody(
            name="UnmatchableOrder",
            help="An order that nothing identifies.",
            members=(
                *_EITHER_ID,
                Member("reason", "reason", Unknown.EMPTY, help="`no_usable_key`, or why it can't be read."),
            ),
        ),
    },
    expected="orderNumber",
    expected_of=_number_of,
    expected_heading="Order #",
)
