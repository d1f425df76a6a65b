"""Moments as WooCommerce reads them right.

Owns the written form. Must not know which field a moment goes into.

Source: WooCommerce REST API v3, dates (observed): text without a zone is the shop's local time, fractions of a second
lose the zone, and what is no date becomes 1970 without an error.
"""

from datetime import UTC, datetime


def written_time(moment: datetime) -> str:
    """Write a moment in UTC to the second, with `Z`, whatever the shop's time zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
