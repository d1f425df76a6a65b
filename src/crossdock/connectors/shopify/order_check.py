"""What a store lets Crossdock do with orders: a finding for each permission, and for what slows a migration down.

Owns how what is missing for orders weighs. A store whose token has nothing to do with orders serves for customers. It
must not know how a store is asked.

Source: Shopify Admin GraphQL API 2026-10, access scopes; `orderCreate` on development stores.
"""

from collections.abc import Sequence
from typing import Final

from crossdock.connectors.contract import Finding, FindingLevel
from crossdock.connectors.shopify.orders.terms import WHOLE_HISTORY
from crossdock.connectors.shopify.shop import ShopAnswer

ADD_SCOPE: Final = "Add the permission to the app in Shopify, then install it again or renew its token."
TOPICS: Final = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_PAID",
    "ORDERS_FULFILLED",
    "ORDERS_CANCELLED",
    "REFUNDS_CREATE",
    "DRAFT_ORDERS_CREATE",
)
"""What happens in a store while orders are migrated to it, as topics of webhooks."""

_READ: Final = "read_orders"
_WANTED: Final = (
    ("Orders can't be compared", "read_draft_orders"),
    ("Orders can't be migrated to this store", "write_orders"),
    ("Orders can't be migrated to this store as drafts", "write_draft_orders"),
    ("The lines of migrated orders can't be joined to products", "read_products"),
)


def order_findings(shop: ShopAnswer) -> Sequence[Finding]:
    """Weigh what a shop says of itself and of the token."""
    if _READ not in shop.scopes:
        text = f"Orders can't be compared or migrated: the token lacks {_READ}."
        return [Finding(_READ, FindingLevel.WARNING, text, ADD_SCOPE)]
    found = [Finding(_READ, FindingLevel.PASS, f"The token has {_READ}."), _history(shop)]
    for what, scope in _WANTED:
        if scope in shop.scopes:
            found.append(Finding(scope, FindingLevel.PASS, f"The token has {scope}."))
        else:
            found.append(Finding(scope, FindingLevel.WARNING, f"{what}: the token lacks {scope}.", ADD_SCOPE))
    if shop.is_development:
        text = "Shopify takes five new orders a minute in a development store: 1,000 orders last over three hours."
        found.append(Finding("development_store", FindingLevel.WARNING, text, "Migrate many orders to a paid store."))
    return found


def _history(shop: ShopAnswer) -> Finding:
    """Tell whether orders of any age are seen: hidden ones would look missing, and be made a second time."""
    if WHOLE_HISTORY in shop.scopes:
        return Finding(WHOLE_HISTORY, FindingLevel.PASS, "Orders of any age can be read.")
    text = f"Shopify hides orders older than 60 days from this app: the token lacks {WHOLE_HISTORY}."
    advice = f"{ADD_SCOPE} Or take {_READ} away from it, and use this store for customers alone."
    return Finding(WHOLE_HISTORY, FindingLevel.BLOCKER, text, advice)
