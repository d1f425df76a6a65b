"""Own the drafts that a merchant began on Shopify and left lying there: no order yet, and nobody's migration.

Knows of the store only how a draft is kept. One is tagged as if a migration had made it, without being marked so.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from crossdock.sandbox.sales import Sale, sale
from crossdock.sandbox.shopify.draft_records import DraftLine, DraftOrder
from crossdock.sandbox.shopify.money_bag import no_money
from crossdock.sandbox.shopify.store import ShopifyStore

_ORDERS_A_DRAFT = 40
_TAGS = (("phone order",), (), ("crossdock", "phone order"))


def leave_drafts(store: ShopifyStore, seed: int, orders: int, customers: int) -> None:
    """Put a draft into the store for every forty orders: the same goods for the same person, asked for once more."""
    for place, index in enumerate(range(0, orders - orders % _ORDERS_A_DRAFT, _ORDERS_A_DRAFT)):
        sold = sale(seed, index, customers)
        created_at = sold.created_at + timedelta(days=30)
        number, count = store.next_number(), store.next_draft_count()
        store.save_draft(
            DraftOrder(
                number=number,
                count=count,
                created_at=created_at,
                updated_at=created_at,
                ready_at=created_at,
                currency_code=sold.currency.code,
                presentment_currency_code=sold.currency.code,
                invoice_url=f"https://{store.domain}/invoices/{number}",
                lines=tuple(_lines(store, sold)),
                email=sold.email.lower() or None,
                note2=sold.note or None,
                tags=_TAGS[place % len(_TAGS)],
            ),
        )


def _lines(store: ShopifyStore, sold: Sale) -> Iterator[DraftLine]:
    money = no_money(sold.currency.code, sold.currency.code)
    for line in sold.basket.lines:
        if line.quantity:
            unit = Decimal(line.before.net // line.quantity).scaleb(-sold.currency.exponent)
            yield DraftLine(
                number=store.next_number(),
                title=line.title,
                quantity=line.quantity,
                original_unit_price_set=money.of(unit),
                sku=line.sku or None,
            )
