"""Imprints: what a store held of a record at one moment, field by field, in digests too short to tell what it was.

Owns how two imprints of a record are compared. It must not know which fields there are.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

Imprint = Mapping[str, str | Sequence[str]]
"""A digest a field; several where a field is a collection that may gain something without having been changed."""

_DIGEST_BYTES: Final = 4


def imprint_of(fields: Mapping[str, object], collections: Mapping[str, Sequence[object]] | None = None) -> Imprint:
    """Take an imprint of values by the names that people know them by; `collections` are fields that may grow."""
    taken: dict[str, str | Sequence[str]] = {name: _digest(value) for name, value in fields.items()}
    for name, values in (collections or {}).items():
        taken[name] = sorted({_digest(value) for value in values})
    return taken


def changed_fields(then: Imprint, now: Imprint) -> list[str]:
    """Name the fields of an earlier imprint that a later one shows changed; a collection that lost nothing is not."""
    return [name for name, digest in then.items() if not _is_kept(digest, now.get(name))]


def _is_kept(then: str | Sequence[str], now: str | Sequence[str] | None) -> bool:
    if isinstance(then, str) or isinstance(now, str) or now is None:
        return then == now
    return set(then) <= set(now)


def _digest(value: object) -> str:
    # As they write themselves, values tell all that they hold, also those within others.
    return hashlib.blake2b(repr(value).encode(), digest_size=_DIGEST_BYTES).hexdigest()
