"""Remembers the keys of refunds, so that one sent twice is made once. Must not know what a refund is.

Source: reference §4.5: a key is kept for 24 hours, and never stands for other parameters.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crossdock.sandbox.shopify.errors import ShopError

LIFETIME: Final = timedelta(hours=24)


@dataclass(slots=True, frozen=True)
class _Use:
    parameters: str
    at: datetime
    order_number: int
    refund_number: int


class RefundKeys:
    """The keys of one store."""

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}

    def find(self, key: str, parameters: str, now: datetime) -> tuple[int, int] | None:
        """Answer the order and refund that a key made; None for a new one.

        Raises:
            ShopError: the key stands for other parameters.

        """
        use = self._uses.get(key)
        if use is None or now - use.at >= LIFETIME:
            return None
        if use.parameters != parameters:
            message = "The idempotency key was already used with different parameters."
            raise ShopError(message, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
        return use.order_number, use.refund_number

    def keep(self, key: str, parameters: str, now: datetime, made: tuple[int, int]) -> None:
        """Remember what a key made: (order, refund)."""
        self._uses[key] = _Use(parameters, now, *made)
