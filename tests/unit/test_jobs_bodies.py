"""The contract's bodies: exact values, and an e-mail address or nothing, never a name."""

import pytest

from crossdock.jobs.bodies.customers import CUSTOMER_BODIES
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
