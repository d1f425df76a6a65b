"""Own API keys, what their users may do, and the nonces they have used.

Knows no request: the authentication room asks it. Capabilities follow reference §1.4.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

_NONCE_SECONDS = 15 * 60
_SHOP = frozenset(
    {
        *("list_users", "edit_users", "manage_woocommerce"),
        *("read_private_shop_orders", "publish_shop_orders", "edit_others_shop_orders", "delete_others_shop_orders"),
        *("edit_others_posts", "read_private_products"),
    },
)
_CAPABILITIES: dict[str, frozenset[str]] = {
    "administrator": _SHOP | {"promote_users", "delete_users"},
    "shop_manager": _SHOP,
}


@dataclass(slots=True)
class ApiKey:
    """A consumer key; `permissions` is read, write or read_write, `role` its user's, None once that user is gone."""

    consumer_key: str
    consumer_secret: str
    permissions: str
    role: str | None
    nonces: dict[str, int] = field(default_factory=dict[str, int])

    def can(self, capability: str) -> bool:
        """Tell whether the key's user holds a WordPress capability."""
        return self.role is not None and capability in _CAPABILITIES.get(self.role, frozenset())

    @property
    def sees_meta(self) -> bool:
        """Tell whether customer meta is shown to this key (§1.4: administrators only)."""
        return self.role == "administrator"

    def may_read(self) -> bool:
        """Tell whether the key's own permission covers reading."""
        return self.permissions in ("read", "read_write")

    def may_write(self) -> bool:
        """Tell whether the key's own permission covers writing."""
        return self.permissions in ("write", "read_write")


class KeyRing:
    """The API keys of one store."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._keys: dict[str, ApiKey] = {}

    def add(self, key: ApiKey) -> None:
        """Take a key in."""
        self._keys[key.consumer_key] = key

    def find(self, consumer_key: str) -> ApiKey | None:
        """Return the key of that name, or None."""
        return self._keys.get(consumer_key)

    def accepts_timestamp(self, timestamp: int) -> bool:
        """Tell whether a signature's time lies within 15 minutes of now (§1.3)."""
        return abs(int(self._clock().timestamp()) - timestamp) <= _NONCE_SECONDS

    def use_nonce(self, key: ApiKey, nonce: str, timestamp: int) -> bool:
        """Record a nonce and tell whether it was new within 15 minutes for this key (§1.3)."""
        oldest = int(self._clock().timestamp()) - _NONCE_SECONDS
        while key.nonces and key.nonces[first := next(iter(key.nonces))] < oldest:
            del key.nonces[first]
        if nonce in key.nonces:
            return False
        key.nonces[nonce] = timestamp
        return True

    def clear_nonces(self) -> None:
        """Forget every used nonce."""
        for key in self._keys.values():
            key.nonces.clear()
