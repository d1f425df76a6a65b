"""Reasons as they are stored: JSON beside the record that they are about.

Owns that translation. It must not know what a reason means.
"""

from collections.abc import Iterable, Mapping

from crossdock.domain.plan import Level, Reason


def reasons_to_json(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Make reasons storable."""
    return [{"code": reason.code, "level": reason.level, "message": reason.message} for reason in reasons]


def reasons_from_json(stored: Iterable[Mapping[str, str]]) -> tuple[Reason, ...]:
    """Make reasons of what was stored."""
    return tuple(Reason(reason["code"], Level(reason["level"]), reason["message"]) for reason in stored)
