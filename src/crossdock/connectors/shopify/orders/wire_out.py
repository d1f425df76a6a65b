"""What is sent to make orders and drafts, as the Admin API documents its inputs.

Owns the shapes of inputs. What is empty is not sent. It must not know where a value comes from.

Source: Shopify Admin GraphQL API 2026-10, `OrderCreateOrderInput`, `DraftOrderInput` and the inputs within them.
"""

from decimal import Decimal

import msgspec

from crossdock.connectors.shopify.customers.wire import AddressInput, MetafieldInput
from crossdock.domain.money import Money, total


class MoneyInput(msgspec.Struct, rename="camel", frozen=True):
    """`MoneyInput`; the amount is a text, so that no digit is lost."""

    amount: str
    currency_code: str


class MoneyBagInput(msgspec.Struct, rename="camel", frozen=True):
    """`MoneyBagInput`: shop money."""

    shop_money: MoneyInput

    @property
    def money(self) -> Money:
        """The amount."""
        return Money.of(self.shop_money.amount, self.shop_money.currency_code)


class NamedValue(msgspec.Struct, frozen=True):
    """`OrderCreateLineItemPropertyInput`."""

    name: str
    value: str


class KeyedValue(msgspec.Struct, frozen=True):
    """`OrderCreateCustomAttributeInput` and `AttributeInput`."""

    key: str
    value: str


class TaxLineInput(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCreateTaxLineInput`."""

    title: str
    rate: Decimal
    price_set: MoneyBagInput


class LineInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`OrderCreateLineItemInput`."""

    title: str
    quantity: int
    price_set: MoneyBagInput
    variant_id: str = ""
    variant_title: str = ""
    sku: str = ""
    requires_shipping: bool = False
    taxable: bool = True
    tax_lines: tuple[TaxLineInput, ...] = ()
    properties: tuple[NamedValue, ...] = ()


class ShippingLineInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`OrderCreateShippingLineInput`."""

    title: str
    price_set: MoneyBagInput
    code: str = ""
    tax_lines: tuple[TaxLineInput, ...] = ()


class FixedDiscountInput(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCreateFixedDiscountCodeAttributesInput`."""

    code: str
    amount_set: MoneyBagInput


class DiscountCodeInput(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCreateDiscountCodeInput`."""

    item_fixed_discount_code: FixedDiscountInput


class TransactionInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`OrderCreateOrderTransactionInput`."""

    kind: str
    status: str
    gateway: str
    amount_set: MoneyBagInput
    processed_at: str = ""


class AssociatedCustomerInput(msgspec.Struct, frozen=True):
    """`OrderCreateAssociateCustomerAttributesInput`."""

    id: str


class OrderCustomerInput(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCreateCustomerInput`."""

    to_associate: AssociatedCustomerInput


class OrderInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`OrderCreateOrderInput`."""

    line_items: tuple[LineInput, ...]
    currency: str
    name: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    test: bool = False
    taxes_included: bool = False
    processed_at: str = ""
    closed_at: str = ""
    source_identifier: str = ""
    financial_status: str = ""
    fulfillment_status: str = ""
    customer: OrderCustomerInput | None = None
    billing_address: AddressInput | None = None
    shipping_address: AddressInput | None = None
    shipping_lines: tuple[ShippingLineInput, ...] = ()
    tax_lines: tuple[TaxLineInput, ...] = ()
    discount_code: DiscountCodeInput | None = None
    transactions: tuple[TransactionInput, ...] = ()
    custom_attributes: tuple[KeyedValue, ...] = ()
    metafields: tuple[MetafieldInput, ...] = ()


class OrderOptions(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCreateOptionsInput`: the stock stays as it is, and nobody gets a mail."""

    inventory_behaviour: str = "BYPASS"
    send_receipt: bool = False
    send_fulfillment_receipt: bool = False


class OrderVariables(msgspec.Struct, frozen=True):
    """The variables of `orderCreate`."""

    order: OrderInput
    options: OrderOptions = OrderOptions()


class DraftLineInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`DraftOrderLineItemInput`: what of a variant costs comes from `price_override`."""

    quantity: int
    title: str = ""
    variant_id: str = ""
    sku: str = ""
    price_override: MoneyInput | None = None
    original_unit_price_with_currency: MoneyInput | None = None
    requires_shipping: bool | None = None
    taxable: bool | None = None
    custom_attributes: tuple[KeyedValue, ...] = ()


class DraftDiscountInput(msgspec.Struct, rename="camel", frozen=True):
    """`DraftOrderAppliedDiscountInput`: its value is a number of the shop's currency, of two decimals at most."""

    title: str
    value: float
    amount_with_currency: MoneyInput
    value_type: str = "FIXED_AMOUNT"


class DraftShippingInput(msgspec.Struct, rename="camel", frozen=True):
    """`ShippingLineInput`."""

    title: str
    price_with_currency: MoneyInput


class PurchasingEntityInput(msgspec.Struct, rename="camel", frozen=True):
    """`PurchasingEntityInput`."""

    customer_id: str


class DraftInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`DraftOrderInput`. Presentment money is shop money: the draft is in the currency of the source."""

    line_items: tuple[DraftLineInput, ...]
    presentment_currency_code: str
    email: str = ""
    phone: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    purchasing_entity: PurchasingEntityInput | None = None
    billing_address: AddressInput | None = None
    shipping_address: AddressInput | None = None
    shipping_line: DraftShippingInput | None = None
    applied_discount: DraftDiscountInput | None = None
    custom_attributes: tuple[KeyedValue, ...] = ()
    metafields: tuple[MetafieldInput, ...] = ()
    # These say what Shopify must not do: they are sent whatever their value.
    accept_automatic_discounts: bool | None = None
    use_customer_default_address: bool | None = None
    tax_exempt: bool | None = None


class DraftVariables(msgspec.Struct, frozen=True):
    """The variables of `draftOrderCreate`."""

    input: DraftInput


def bag(money: Money) -> MoneyBagInput:
    """Write an amount as a bag of shop money."""
    return MoneyBagInput(plain(money))


def plain(money: Money) -> MoneyInput:
    """Write an amount with its currency."""
    return MoneyInput(str(money), money.currency)


def total_of(sent: OrderInput | DraftInput) -> Money:
    """Add up what Shopify should make the total of."""
    return _draft_total(sent) if isinstance(sent, DraftInput) else _order_total(sent)


def _order_total(sent: OrderInput) -> Money:
    parts = [Money(line.price_set.money.amount * line.quantity, sent.currency) for line in sent.line_items]
    parts += [line.price_set.money for line in sent.shipping_lines]
    if sent.discount_code is not None:
        parts.append(-sent.discount_code.item_fixed_discount_code.amount_set.money)
    if not sent.taxes_included:
        of_parts = [tax for part in (*sent.line_items, *sent.shipping_lines) for tax in part.tax_lines]
        parts += [tax.price_set.money for tax in (*of_parts, *sent.tax_lines)]
    return total(parts, sent.currency)


def _draft_total(sent: DraftInput) -> Money:
    currency = sent.presentment_currency_code
    parts: list[Money] = []
    for line in sent.line_items:
        price = line.price_override or line.original_unit_price_with_currency
        if price is not None:
            parts.append(Money.of(Decimal(price.amount) * line.quantity, currency))
    if sent.shipping_line is not None:
        parts.append(Money.of(sent.shipping_line.price_with_currency.amount, currency))
    if sent.applied_discount is not None:
        parts.append(-Money.of(sent.applied_discount.amount_with_currency.amount, currency))
    return total(parts, currency)
