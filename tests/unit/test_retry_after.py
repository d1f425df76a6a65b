"""What a store asks to wait, as it may write it."""

import pytest

from crossdock.connectors.failures import retry_after


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("86400", 3600.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2999 07:28:00 GMT", 3600.0),
        ("inf", None),
        ("1e400", None),
        ("NaN", None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_wait_that_makes_sense_or_nothing(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}) == seconds


def test_retry_after_may_be_absent() -> None:
    assert retry_after({}) is None
