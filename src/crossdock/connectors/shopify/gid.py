"""Shopify's global ids, such as `gid://shopify/Customer/7`.

Owns their form. It must not know what they name.
"""

import re

CUSTOMER_ID_PATTERN = r"gid://shopify/Customer/[1-9][0-9]*"
"""What a customer's id looks like in our JSON; anchors are the caller's."""

ORDER_ID_PATTERN = r"gid://shopify/(?:Draft)?Order/[1-9][0-9]*"
"""What the id of an order, or of a draft of one, looks like in our JSON; anchors are the caller's."""

_CUSTOMER_ID = re.compile(CUSTOMER_ID_PATTERN)
_ORDER_ID = re.compile(r"gid://shopify/Order/[1-9][0-9]*")
_DRAFT_ID = re.compile(r"gid://shopify/DraftOrder/[1-9][0-9]*")


def is_customer_id(text: str) -> bool:
    """Tell whether `text` is the whole id of a customer: Shopify answers others with an error for the whole request."""
    return _CUSTOMER_ID.fullmatch(text) is not None


def is_order_id(text: str) -> bool:
    """Tell whether `text` is the whole id of an order."""
    return _ORDER_ID.fullmatch(text) is not None


def is_draft_id(text: str) -> bool:
    """Tell whether `text` is the whole id of a draft."""
    return _DRAFT_ID.fullmatch(text) is not None


def legacy_number(gid: str) -> int:
    """Give the number at the end of an id, by which Shopify sorts; a query after the number is left out."""
    return int(gid.rpartition("/")[2].partition("?")[0])
