"""Own the guess at a site's time zone from records that show both local and UTC times, which the records don't name."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

_SAMPLE = 1_000
_CANDIDATES = (
    *("UTC", "Europe/Istanbul", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Moscow", "Africa/Cairo"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Sao_Paulo", "America/Mexico_City", "Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo"),
    *("Asia/Singapore", "Australia/Sydney", "Australia/Perth", "Pacific/Auckland"),
)


def guess_timezone(records: Iterable[Mapping[str, Any]], default: str) -> str:
    """Return the first well-known zone that explains the times of the first thousand records, else the default."""
    pairs = [
        (datetime.fromisoformat(record["date_created_gmt"]), datetime.fromisoformat(record["date_created"]))
        for record in islice(records, _SAMPLE)
        if record.get("date_created") and record.get("date_created_gmt")
    ]
    if not pairs:
        return default
    return next((name for name in (default, *_CANDIDATES) if _explains(name, pairs)), default)


def _explains(name: str, pairs: list[tuple[datetime, datetime]]) -> bool:
    zone = ZoneInfo(name)
    return all(gmt.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) == local for gmt, local in pairs)
