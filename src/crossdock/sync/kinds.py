"""What a sync needs to know of a record kind, beyond what its connectors know.

Owns the two questions that the caller's list raises: which record was meant, and is it still that record. It must not
know steps or stores.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crossdock.domain.customer import Customer
from crossdock.domain.identity import email_key
from crossdock.domain.kinds import CUSTOMER, RecordKind


@dataclass(frozen=True, slots=True)
class SyncKind:
    """One kind as a sync sees it.

    `is_same` tells whether a record is still the one that the caller named by its e-mail address or number.
    `changed_message` is the sentence for one that isn't.
    """

    kind: RecordKind
    is_same: Callable[[Any, str], bool]
    changed_message: str


def _is_same_customer(customer: Customer, expected: str) -> bool:
    if not customer.email.strip():
        # Lists name a customer without an address by name or telephone.
        return "@" not in expected
    return email_key(customer.email) == email_key(expected)


CUSTOMERS = SyncKind(
    kind=CUSTOMER,
    is_same=_is_same_customer,
    changed_message=(
        "The source's customer with this id has another e-mail address now. Nothing was written; compare again."
    ),
)
