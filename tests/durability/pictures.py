"""Pictures of a store: what of each record must be right, taken from the store itself, past every API.

Owns what is looked at. It must not know what is expected, nor how a record came to be.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.order_records import Order as ShopifyOrder
from crossdock.sandbox.shopify.records import Customer as ShopifyCustomer
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.woocommerce.account import Account
from crossdock.sandbox.woocommerce.ledger.order import Order as WooOrder
from crossdock.sandbox.woocommerce.ledger.order import Refund as WooRefund
from crossdock.sandbox.woocommerce.store import WooStore

_MARKER = "_crossdock_source_id"


@dataclass(frozen=True, slots=True)
class Person:
    """What of a customer must be right; neither ids nor times, and no number that a household shares."""

    email: str
    first_name: str
    last_name: str
    addresses: int
    home: str = ""

    @property
    def identity(self) -> str:
        """Who it is, whatever the record holds."""
        return self.email or self.first_name


@dataclass(frozen=True, slots=True)
class Purchase:
    """What of an order, or of a draft of one, must be right; `owner` is the e-mail address of its customer."""

    name: str
    email: str
    owner: str
    total: str
    state: str
    ordered_at: str
    paid_at: str
    lines: int
    refunds: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """Which order it is, whatever the record holds."""
        return self.name


Content = Person | Purchase
Picture = Counter[tuple[str, Content]]
"""How often each record is there: by the id that it has in the source, empty for records that no run made."""


def picture_of_woo(store: WooStore, *, with_orders: bool) -> Picture:
    """Look at every account of a WooCommerce store, and at every order too."""
    picture: Picture = Counter(map(_woo_person, store.accounts))
    picture.update(_woo_purchases(store) if with_orders else ())
    return picture


def picture_of_shopify(store: ShopifyStore, *, with_orders: bool) -> Picture:
    """Look at every customer of a Shopify store, and at every order and draft too."""
    picture: Picture = Counter(map(_shopify_person, store.customers))
    picture.update(_shopify_purchases(store) if with_orders else ())
    return picture


def _shopify_person(customer: ShopifyCustomer) -> tuple[str, Content]:
    marker = customer.metafield_of("crossdock", "source_id")
    home = customer.default_address
    content = Person(
        (customer.email or "").lower(),
        customer.first_name or "",
        customer.last_name or "",
        len(customer.addresses),
        f"{home.address1}, {home.city}" if home else "",
    )
    return _source_id(marker.value if marker else ""), content


def _woo_person(account: Account) -> tuple[str, Content]:
    marker = next((row.value for row in account.meta if row.key == _MARKER), "")
    addresses = sum(any(fields) for fields in (account.billing, account.shipping))
    return _source_id(marker), Person(account.email.lower(), account.first_name, account.last_name, addresses)


def _woo_purchases(store: WooStore) -> Iterator[tuple[str, Content]]:
    emails = {account.id: account.email.lower() for account in store.accounts}
    for entry in store.orders.entries():
        order = store.orders.get(entry.id)
        assert order is not None
        marker = str(order.meta_value(_MARKER) or "")
        yield _source_id(marker), _woo_purchase(order, emails, store.orders.refunds_of(order.id))


def _woo_purchase(order: WooOrder, emails: dict[int, str], refunds: list[WooRefund]) -> Purchase:
    is_ours = bool(order.meta_value(_MARKER))
    return Purchase(
        name="" if is_ours else str(order.id),
        email=order.billing_email.lower(),
        owner=emails.get(order.customer_id, ""),
        total=f"{order.total} {order.currency}",
        state=order.status,
        ordered_at=str(order.created_at),
        paid_at=f"{order.paid_at} {order.completed_at}",
        lines=len(order.lines) + len(order.fees) + len(order.shipping_lines),
        refunds=tuple(sorted(f"{refund.amount} {refund.reason}" for refund in refunds)),
    )


def _shopify_purchases(store: ShopifyStore) -> Iterator[tuple[str, Content]]:
    emails = {customer.number: (customer.email or "").lower() for customer in store.customers}
    for order in store.orders:
        marker = order.metafield_of("crossdock", "source_id")
        yield _source_id(marker.value if marker else ""), _shopify_purchase(order, emails)
    for draft in store.drafts:
        marker = next((one.value for one in draft.metafields if one.key == "source_id"), "")
        yield _source_id(marker), _draft(draft, emails)


def _shopify_purchase(order: ShopifyOrder, emails: dict[int, str]) -> Purchase:
    cancelled = "cancelled" if order.cancelled_at else ""
    return Purchase(
        name=order.name,
        email=(order.email or "").lower(),
        owner=emails.get(order.customer_number or 0, ""),
        total=f"{order.total_price_set.shop} {order.currency_code}",
        state=f"{order.display_financial_status} {order.display_fulfillment_status} {cancelled}",
        ordered_at=order.processed_at.isoformat(),
        paid_at=str(order.total_received_set.shop),
        lines=len(order.lines) + len(order.shipping),
        refunds=tuple(sorted(f"{refund.total_refunded_set.shop} {refund.note or ''}" for refund in order.refunds_made)),
    )


def _draft(draft: DraftOrder, emails: dict[int, str]) -> Purchase:
    return Purchase(
        name="a draft",
        email=(draft.email or "").lower(),
        owner=emails.get(draft.customer_number or 0, ""),
        total=f"{draft.total_price_set.shop} {draft.currency_code}",
        state=draft.status,
        ordered_at="",
        paid_at="",
        lines=len(draft.lines),
    )


def _source_id(marker: str) -> str:
    """Take kind and id in the source out of a marker: the rest names the store, whose port is another each time."""
    for kind in ("customer", "order"):
        before, found, source_id = marker.rpartition(f":{kind}:")
        if before and found:
            return source_id if kind == "customer" else f"order {source_id}"
    return ""
