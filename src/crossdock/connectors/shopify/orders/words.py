"""The words by which what we wrote into an order or a draft is recognised when it is read again.

Owns tags, keys of attributes and line properties, and the form of a coupon list. Reader and writer share nothing else.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.money import Money
from crossdock.domain.order import Coupon

DRAFT_TAG: Final = "crossdock"
"""The tag on our drafts, by which Shopify can list them."""

OURS: Final = "_crossdock_"
"""What the key of every attribute and property of ours begins with."""

NUMBER_ATTRIBUTE: Final = "_crossdock_number"
"""The order's number in the source store."""

COUPONS_ATTRIBUTE: Final = "_crossdock_coupons"
"""The source's coupons, which Shopify can hold as one discount only; see `coupons_text`."""

FEE_PROPERTY: Final = "_crossdock_fee"
"""A property of the line that stands for a fee, whatever its value."""

TAX_PROPERTY: Final = "_crossdock_tax"
"""A property of the line that stands for tax as charged, whatever its value."""

GATEWAY_PREFIX: Final = "Imported: "
"""What the gateway of every payment that we enter begins with."""

PAYMENT_ATTRIBUTE: Final = "_crossdock_payment_title"
"""How an order was to be paid that no payment came in for."""

NO_COUPON: Final = "crossdock"
"""The code of the one discount of an order without coupons."""

_REFUND_TAG: Final = re.compile(r"\s*\[crossdock refund [^\[\]]*\]$")
_COUPONS: Final = msgspec.json.Decoder(list[tuple[str, str]])


def refund_tag(refund_id: str) -> str:
    """Give what the note of a refund of ours ends with."""
    return f"[crossdock refund {refund_id}]"


def refund_reason(note: str) -> str:
    """Give the note of a refund without our tag."""
    return _REFUND_TAG.sub("", note)


def coupons_text(coupons: Iterable[Coupon]) -> str:
    """Write coupons as the value of `COUPONS_ATTRIBUTE`: JSON pairs of code and amount, empty where it is unknown."""
    pairs = [(coupon.code, str(coupon.amount) if coupon.amount is not None else "") for coupon in coupons]
    return msgspec.json.encode(pairs).decode()


def coupons_of(text: str, currency: str) -> tuple[Coupon, ...] | None:
    """Read what `coupons_text` wrote; None where the text is another's."""
    try:
        pairs = _COUPONS.decode(text)
        return tuple(Coupon(code, Money.of(amount, currency) if amount else None) for code, amount in pairs)
    except (msgspec.DecodeError, UnmappableValueError):
        return None
