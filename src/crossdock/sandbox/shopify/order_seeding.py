"""Builds the orders that a store is filled with, past every rule of the API. Must not know where they are kept."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from sys import intern

from crossdock.sandbox.shopify.catalogue import Catalogue
from crossdock.sandbox.shopify.customer_rules import normalise_tags
from crossdock.sandbox.shopify.customer_seeding import build_seeded_address
from crossdock.sandbox.shopify.money_bag import MoneyBag, no_money
from crossdock.sandbox.shopify.order_events import Refund, RefundLine, Transaction
from crossdock.sandbox.shopify.order_parts import (
    Allocation,
    Discount,
    DiscountValue,
    OrderLine,
    ShippingLine,
    TaxLine,
    spread_taxes,
)
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_seeds import (
    Amount,
    PostalAddress,
    SeedDiscount,
    SeedLine,
    SeedOrder,
    SeedRefund,
    SeedShipping,
    SeedTax,
)
from crossdock.sandbox.shopify.records import Address, Metafield, Wire


class OrderSeeder:
    """Builds orders for one store: what it needs of the store comes in."""

    def __init__(
        self,
        next_number: Callable[[], int],
        catalogue: Catalogue,
        find_customer: Callable[[str], int | None],
        currency: str,
        is_real_gateway: Callable[[str | None], bool],
    ) -> None:
        self._next = next_number
        self._catalogue = catalogue
        self._find_customer = find_customer
        self._currency = currency
        self._is_real = is_real_gateway

    def build(self, given: SeedOrder, number: int, name: str) -> Order:
        """Build one order."""
        currency = given.currency or self._currency
        shown, rate = given.presentment or (currency, "1")
        money = _Currencies(no_money(intern(currency), intern(shown)), Decimal(rate))
        id_number = self._next()
        discounts = tuple(_discount(index, one, currency) for index, one in enumerate(given.discounts))
        lines = tuple(self._line(one, money, discounts) for one in given.lines)
        lines = spread_taxes(_taxes(given.tax_lines, money), lines) if given.tax_lines else lines
        created_at = given.created_at or given.processed_at
        billing, shipping = self._addresses(given.billing, given.shipping)
        order = Order(
            id_number,
            name,
            number,
            created_at,
            given.updated_at or created_at,
            given.processed_at,
            intern(currency),
            intern(shown),
            lines,
            tuple(self._shipping(one, money, discounts) for one in given.shipping_lines),
            self._transactions(given, money, id_number),
            taxes_included=given.taxes_included,
            fulfillment_status=given.fulfillment_status,
            customer_number=self._find_customer(given.customer_email) if given.customer_email else None,
            billing_address=billing,
            shipping_address=shipping,
            metafields=tuple(
                Metafield(self._next(), *one, created_at, created_at, "ORDER") for one in given.metafields
            ),
        )
        for refund in given.refunds:
            order = self._refunded(order, refund, money)
        return replace(order, financial_status=given.financial_status, **_plain_fields(given))

    def _line(self, given: SeedLine, money: "_Currencies", discounts: Sequence[Discount]) -> OrderLine:
        variant = self._catalogue.first_of_sku(given.variant_sku)
        taken = money.of(given.discount)
        chosen = next((one for one in discounts if one.target_type == "LINE_ITEM"), None)
        if taken and chosen is None:
            chosen = Discount(0, DiscountValue(taken.shop, taken.currency), title="Discount", allocation_method="EACH")
        return OrderLine(
            self._next(),
            given.title,
            given.quantity,
            money.of(given.unit_price),
            given.quantity,
            sku=given.sku if given.sku is not None else (variant.sku if variant else None),
            variant_title=given.variant_title,
            vendor=given.vendor or (variant.vendor if variant else None),
            variant_number=variant.number if variant else None,
            product_number=variant.product_number if variant else None,
            requires_shipping=given.requires_shipping,
            taxable=given.taxable,
            tax_lines=_taxes(given.taxes, money),
            discount_allocations=(Allocation(taken, chosen),) if taken and chosen else (),
            attributes=tuple(given.properties),
        )

    def _shipping(self, given: SeedShipping, money: "_Currencies", discounts: Sequence[Discount]) -> ShippingLine:
        taken = money.of(given.discount)
        chosen = next((one for one in discounts if one.target_type == "SHIPPING_LINE"), None)
        if taken and chosen is None:
            value = DiscountValue(taken.shop, taken.currency)
            chosen = Discount(0, value, title="Shipping", target_type="SHIPPING_LINE", allocation_method="EACH")
        allocations = (Allocation(taken, chosen),) if taken and chosen else ()
        taxes = _taxes(given.taxes, money)
        return ShippingLine(
            self._next(), given.title, money.of(given.price), given.code, given.source, taxes, allocations
        )

    def _transactions(self, given: SeedOrder, money: "_Currencies", order_number: int) -> tuple[Transaction, ...]:
        return tuple(
            Transaction(
                self._next(),
                order_number,
                intern(one.kind),
                intern(one.status),
                intern(one.gateway),
                money.of(one.amount),
                one.processed_at or given.processed_at,
                one.processed_at or given.processed_at,
                is_real=self._is_real(one.gateway),
            )
            for one in given.transactions
        )

    def _refunded(self, order: Order, given: SeedRefund, money: "_Currencies") -> Order:
        at = given.created_at or order.processed_at
        paid = next((made for made in order.transactions_made if made.kind in {"SALE", "CAPTURE"}), None)
        amount = money.of(given.amount)
        gateway = given.gateway or (paid.gateway if paid else "manual")
        made = Transaction(
            self._next(),
            order.id_number,
            "REFUND",
            "SUCCESS",
            gateway,
            amount,
            at,
            at,
            paid.number if paid else None,
            is_real=self._is_real(gateway),
        )
        returned = dict(given.lines)
        rows = tuple(self._refund_line(order, order.lines[at_line], units) for at_line, units in given.lines)
        refund = Refund(self._next(), order.id_number, at, at, amount, given.note, rows, (made.number,))
        lines = tuple(
            replace(line, current_quantity=max(0, line.current_quantity - returned.get(index, 0)))
            for index, line in enumerate(order.lines)
        )
        return replace(
            order,
            lines=lines,
            transactions_made=(*order.transactions_made, made),
            refunds_made=(*order.refunds_made, refund),
        )

    def _refund_line(self, order: Order, line: OrderLine, units: int) -> RefundLine:
        return build_refund_line(self._next(), order.id_number, line, units, "NO_RESTOCK")

    def _addresses(
        self, billing: PostalAddress | None, shipping: PostalAddress | None
    ) -> tuple[Address | None, Address | None]:
        first = build_seeded_address(self._next(), billing) if billing else None
        # Most orders have one address twice: it is kept once.
        if billing == shipping:
            return first, first
        return first, build_seeded_address(self._next(), shipping) if shipping else None


def build_refund_line(number: int, order_number: int, line: OrderLine, units: int, restock_type: str) -> RefundLine:
    """Build the record of units that were given back, at what they cost after discounts."""
    tax = no_money(line.original_unit_price_set.currency, line.original_unit_price_set.presentment_currency)
    for one in line.tax_lines:
        tax += one.price_set.share(units, line.quantity)
    return RefundLine(
        number,
        order_number,
        line.number,
        units,
        restock_type,
        restock_type in {"RETURN", "CANCEL"},
        line.discounted_unit_price_after_all_discounts_set,
        line.final_total.share(units, line.quantity),
        tax,
    )


def _plain_fields(given: SeedOrder) -> dict[str, Wire]:
    return {
        "email": given.email,
        "phone": given.phone,
        "discount_codes": tuple(one.code for one in given.discounts if one.code),
        "note": given.note,
        "tags": normalise_tags(given.tags),
        "attributes": tuple(given.attributes),
        "source_name": given.source_name,
        "source_identifier": given.source_identifier,
        "test": given.test,
        "closed_at": given.closed_at,
        "cancelled_at": given.cancelled_at,
        "cancel_reason": given.cancel_reason,
    }


class _Currencies:
    """Reads amounts in the order's currencies."""

    def __init__(self, zero: MoneyBag, rate: Decimal) -> None:
        self._zero = zero
        self._rate = rate

    def of(self, amount: Amount) -> MoneyBag:
        shop = Decimal(amount)
        return self._zero.of(shop, shop * self._rate)


def _taxes(given: Sequence[SeedTax], money: _Currencies) -> tuple[TaxLine, ...]:
    return tuple(TaxLine(intern(one.title), Decimal(one.rate), money.of(one.amount)) for one in given)


def _discount(index: int, given: SeedDiscount, currency: str) -> Discount:
    return Discount(
        index,
        DiscountValue(Decimal(given.value), None if given.is_percentage else currency),
        given.code,
        given.title or "",
        target_type="SHIPPING_LINE" if given.is_on_shipping else "LINE_ITEM",
    )
