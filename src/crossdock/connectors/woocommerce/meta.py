"""Meta data: the keys that are ours, and how a few values are taken out of what plugins put beside them.

Owns which keys may leave a record's meta at all; everything else stays undecoded, since it can hold password hashes.
Must not know what the values mean.

Source: WooCommerce REST API v3, `meta_data`. WooCommerce takes some foreign keys for fields (`_total`, `_status`),
never one that begins with `_crossdock_`.
"""

from collections.abc import Collection

import msgspec

OWN_PREFIX = "_crossdock_"
"""What every key begins with that we write for ourselves."""
MARKER_KEY = OWN_PREFIX + "source_id"
"""The meta key of our marker."""

_MARKER_BYTES = MARKER_KEY.encode()


class _Meta(msgspec.Struct, frozen=True):
    key: str = ""
    value: object = None


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ITEM = msgspec.json.Decoder(_Meta)


def meta_values(raw: msgspec.Raw, keys: Collection[str]) -> dict[str, str]:
    """Take the texts of some keys out of a record's meta; of a key that comes twice, the first."""
    found: dict[str, str] = {}
    try:
        items = _LIST.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return found
    for item in items:
        try:
            meta = _ITEM.decode(item)
        except (msgspec.DecodeError, RecursionError):
            continue
        if meta.key in keys and isinstance(meta.value, str):
            found.setdefault(meta.key, meta.value)
    return found


def marker_of(raw: msgspec.Raw) -> str:
    """Find our marker in a record's meta; empty where there is none or where the key may not see meta."""
    if _MARKER_BYTES not in memoryview(raw).tobytes():
        return ""
    return meta_values(raw, (MARKER_KEY,)).get(MARKER_KEY, "")
