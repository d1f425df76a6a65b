"""The tax that the shop's own settings ask for. Must not know what is taxed.

Source: reference §5 (drafts) and §0.1 (a new address on an order): there, and only there, Shopify computes taxes.
"""

from crossdock.sandbox.shopify.money_bag import MoneyBag
from crossdock.sandbox.shopify.order_parts import TaxLine
from crossdock.sandbox.shopify.store import ShopifyStore


def compute_taxes(store: ShopifyStore, amount: MoneyBag, *, taxes_included: bool) -> tuple[TaxLine, ...]:
    """Compute the tax on an amount, or the tax within it; none where the shop has no rate."""
    rate = store.behaviour.tax_rate
    if not rate or not amount:
        return ()
    tax = amount.share(rate, 1 + rate if taxes_included else 1)
    return (TaxLine(store.behaviour.tax_title, rate, tax),)
