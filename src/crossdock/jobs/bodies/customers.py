"""Customers in the contract: what the members of their rows are called.

Owns these names. It must not know how customers are matched or written.
"""

from datetime import datetime

from crossdock.domain.difference import Group
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.bodies import (
    ListBody,
    Member,
    RecordBodies,
    Unknown,
    destination_id_member,
    source_id_member,
)
from crossdock.state import WorkRow

_PERSON = (
    Member("email", "email", Unknown.EMPTY),
    Member("firstName", "first_name", Unknown.EMPTY),
    Member("lastName", "last_name", Unknown.EMPTY),
    Member("phone", "phone"),
    Member("createdAt", "created_at", value_type=datetime),
    Member("orderCount", "order_count", value_type=int),
    Member(source_id_member(CUSTOMER), "source_id", Unknown.EMPTY),
)
_DESTINATION_ID = destination_id_member(CUSTOMER)
_BOTH_IDS = (*_PERSON, Member(_DESTINATION_ID, "destination_id", Unknown.EMPTY))
_EITHER_ID = (
    *_PERSON,
    Member(_DESTINATION_ID, "destination_id"),
    Member("side", "side", Unknown.EMPTY, help="`source` or `destination`."),
)
_DIFFERENT = ListBody(
    name="CustomerFieldDifference",
    help="A matched customer of whom some fields differ; a report, never selected for migration.",
    members=_BOTH_IDS,
    fixed={"existsInSource": True, "existsInDestination": True},
    shows_fields=True,
)


def _email_of(row: WorkRow) -> str:
    # Whoever has no address is named in lists by name or telephone, which is no e-mail.
    return next((text for text in (row.expected, row.label) if "@" in text), "")


CUSTOMER_BODIES = RecordBodies(
    kind=CUSTOMER,
    lists={
        Group.ONLY_IN_SOURCE: ListBody(
            name="CustomerDifference",
            help="A customer that exists in the source only.",
            members=(
                *_PERSON,
                Member(
                    "migratedBeforeAs",
                    "stale_destination_id",
                    help="The id of an earlier migration that was deleted since.",
                ),
                Member("migratedBeforeAt", "stale_linked_at"),
            ),
            fixed={"existsInSource": True, "existsInDestination": False},
        ),
        Group.SUSPECT_MATCHES: _DIFFERENT,
        Group.FIELD_DIFFERENCES: _DIFFERENT,
        Group.DUPLICATES: ListBody(
            name="CustomerDuplicate",
            help="A further record of a person whom another record of the same store represents.",
            members=(*_EITHER_ID, Member("duplicateOf", "representative_id", Unknown.EMPTY)),
        ),
        Group.UNMATCHABLE: ListBody(
            name="UnmatchableCustomer",
            help="A customer that nothing identifies, or that several of the other store could be.",
            members=(
                *_EITHER_ID,
                Member(
                    "reason",
                    "reason",
                    Unknown.EMPTY,
                    help="`no_usable_key`, `ambiguous_candidates`, or why it can't be read.",
                ),
            ),
        ),
    },
    expected="email",
    expected_of=_email_of,
    expected_heading="E-mail",
)
