"""Orders in the JSON that WooCommerce documents.

Owns the wire structs, which fields and meta keys are asked for, and how one record is decoded. Must not know the
domain.

Source: WooCommerce REST API v3, orders and order refunds; WooCommerce 9.2.5, observed.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.woocommerce.addresses import WireAddress
from crossdock.connectors.woocommerce.meta import MARKER_KEY, OWN_PREFIX
from crossdock.connectors.woocommerce.walking import id_of

NUMBER_KEY = OWN_PREFIX + "number"
CREATED_KEY = OWN_PREFIX + "created_at"
EMAIL_KEY = OWN_PREFIX + "email"
INCLUDED_KEY = OWN_PREFIX + "taxes_included"
COUPONS_KEY = OWN_PREFIX + "coupons"
TAGS_KEY = OWN_PREFIX + "tags"
ATTRIBUTES_KEY = OWN_PREFIX + "attributes"
CANCEL_KEY = OWN_PREFIX + "cancel_reason"
TAX_KEY = OWN_PREFIX + "tax"
"""Marks a fee line that is a tax: JSON of its title, rate and whether it is compound."""
PARTS_KEY = OWN_PREFIX + "taxes"
"""On a line, a shipping line or a fee: JSON of the taxes that the source had charged on it."""
SKU_KEY = OWN_PREFIX + "sku"
REFUND_KEY = OWN_PREFIX + "refund_id"
REFUNDED_ITEM_KEY = "_refunded_item_id"

NUMBER_PLUGIN_KEYS = ("_order_number", "_alg_wc_custom_order_number")
"""Where plugins for sequential numbers keep the bare number."""

ORDER_KEYS = frozenset(
    {MARKER_KEY, NUMBER_KEY, CREATED_KEY, EMAIL_KEY, INCLUDED_KEY, COUPONS_KEY, TAGS_KEY, ATTRIBUTES_KEY, CANCEL_KEY}
    | set(NUMBER_PLUGIN_KEYS)
)
"""The meta keys of an order that leave the wire."""
PART_KEYS = frozenset({TAX_KEY, PARTS_KEY, SKU_KEY, REFUNDED_ITEM_KEY})
"""The meta keys of an order's parts that leave the wire."""

INCLUDE_META = ",".join(sorted(ORDER_KEYS))
LIGHT_FIELDS = (
    "id,number,status,currency,date_created_gmt,date_paid_gmt,date_completed_gmt,total,"
    "prices_include_tax,customer_id,billing,refunds,meta_data"
)
"""What matching and counting need; line items make an order several times dearer."""
OUTLINE_FIELDS = "id,number,status,currency,total,date_created_gmt,line_items,fee_lines"
WHOLE_FIELDS = (
    LIGHT_FIELDS
    + ",shipping_total,total_tax,shipping,customer_note,payment_method,payment_method_title,transaction_id,"
    "line_items,shipping_lines,fee_lines,coupon_lines,tax_lines"
)
GUEST_FIELDS = "id,number,status,currency,total,date_created_gmt,customer_id,billing,shipping"
REFUND_FIELDS = "id,date_created_gmt,amount,reason,line_items,meta_data"
WHOLE_DECIMALS = 6
"""Lines are kept finer than the cent; asked for so, what was charged for each can be told to the cent."""
IGNORED_STATUSES = frozenset({"auto-draft", "checkout-draft", "trash"})
"""What is no order yet, or no more."""

_SHARED_ATTRIBUTE = "pa_"
_NO_META = msgspec.Raw(b"[]")


class WireTax(msgspec.Struct, frozen=True):
    """A tax of one line; `id` names the rate of a tax line."""

    id: int | str = 0
    total: str | int | float | None = ""
    subtotal: str | int | float | None = ""


class WireLine(msgspec.Struct, frozen=True):
    """A line item; `total` and `subtotal` never include tax."""

    id: int
    name: str | None = None
    parent_name: str | None = None
    product_id: int | None = 0
    variation_id: int | None = 0
    quantity: int | float | str | None = 0
    subtotal: str | None = None
    subtotal_tax: str | None = None
    total: str | None = None
    total_tax: str | None = None
    taxes: list[WireTax] = msgspec.field(default_factory=list[WireTax])
    sku: str | None = None
    meta_data: msgspec.Raw = _NO_META


class WireShipping(msgspec.Struct, frozen=True):
    """A shipping line."""

    id: int
    method_title: str | None = None
    method_id: str | None = None
    total: str | None = None
    total_tax: str | None = None
    taxes: list[WireTax] = msgspec.field(default_factory=list[WireTax])
    meta_data: msgspec.Raw = _NO_META


class WireFee(msgspec.Struct, frozen=True):
    """A fee line; negative ones are reductions."""

    id: int
    name: str | None = None
    total: str | None = None
    total_tax: str | None = None
    taxes: list[WireTax] = msgspec.field(default_factory=list[WireTax])
    meta_data: msgspec.Raw = _NO_META


class WireTaxLine(msgspec.Struct, frozen=True):
    """A tax rate of the order with what it came to; `rate_percent` is missing on old orders."""

    rate_id: int | str = 0
    rate_code: str | None = None
    label: str | None = None
    compound: bool | None = False
    tax_total: str | None = None
    shipping_tax_total: str | None = None
    rate_percent: float | None = None


class WireCoupon(msgspec.Struct, frozen=True):
    """A coupon that was used; `discount` is unpadded."""

    code: str | None = None
    discount: str | int | float | None = None
    discount_tax: str | int | float | None = None


class WireRefundShort(msgspec.Struct, frozen=True):
    """A refund as an order names it; `total` is negative."""

    id: int
    reason: str | None = None
    total: str | None = None


class WireRefund(msgspec.Struct, frozen=True):
    """A refund as its own list gives it; `amount` is positive, its lines are negative."""

    id: int
    date_created_gmt: datetime | None = None
    amount: str | None = None
    reason: str | None = None
    line_items: list[WireLine] = msgspec.field(default_factory=list[WireLine])
    meta_data: msgspec.Raw = _NO_META


class WireOrder(msgspec.Struct, frozen=True):
    """An order as far as it was asked for; dates are UTC without saying so. Lists that were left out are None."""

    id: int
    number: str | int | None = None
    status: str | None = None
    currency: str | None = None
    date_created_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    shipping_total: str | None = None
    total: str | None = None
    total_tax: str | None = None
    prices_include_tax: bool | None = False
    customer_id: int | None = 0
    customer_note: str | None = None
    billing: WireAddress = WireAddress()
    shipping: WireAddress = WireAddress()
    payment_method: str | None = None
    payment_method_title: str | None = None
    transaction_id: str | None = None
    line_items: list[WireLine] | None = None
    shipping_lines: list[WireShipping] | None = None
    fee_lines: list[WireFee] | None = None
    coupon_lines: list[WireCoupon] | None = None
    tax_lines: list[WireTaxLine] | None = None
    refunds: list[WireRefundShort] = msgspec.field(default_factory=list[WireRefundShort])
    meta_data: msgspec.Raw = _NO_META

    @property
    def is_ignored(self) -> bool:
        """Whether this is a draft of the checkout, or thrown away."""
        return self.status in IGNORED_STATUSES


_ORDER = msgspec.json.Decoder(WireOrder)
_META = msgspec.json.Decoder(list[msgspec.Raw])


class _Attribute(msgspec.Struct, frozen=True):
    key: str = ""
    value: object = None
    display_key: str | None = None
    display_value: object = None


_ATTRIBUTE = msgspec.json.Decoder(_Attribute)


def order_of(raw: msgspec.Raw) -> WireOrder | UnreadableRecord:
    """Decode one record; one that does not fit tells its id and what does not fit, never a value."""
    try:
        return _ORDER.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        return UnreadableRecord(id_of(raw), str(error))


def attributes_of(meta: msgspec.Raw) -> tuple[tuple[str, str], ...]:
    """Give what a customer chose for a line, name and value as the shop shows them; hidden keys are left out."""
    found: list[tuple[str, str]] = []
    try:
        items = _META.decode(meta)
    except (msgspec.DecodeError, RecursionError):
        return ()
    for item in items:
        try:
            one = _ATTRIBUTE.decode(item)
        except (msgspec.DecodeError, RecursionError):
            continue
        # What is displayed is cut to harmless markup; only of a shared attribute the value itself is a mere slug.
        value = one.display_value if one.key.startswith(_SHARED_ATTRIBUTE) else one.value
        if one.key and not one.key.startswith("_") and isinstance(value, str):
            found.append((one.display_key or one.key, value))
    return tuple(found)


def decimal_of(amount: str | float | None) -> Decimal:
    """Read an amount as WooCommerce writes it; nothing and the empty text are zero, floats go by their shortest form.

    Raises:
        decimal.InvalidOperation: it is no number.
    """
    value = Decimal(str(amount).strip() or 0) if amount is not None else Decimal(0)
    if not value.is_finite():
        raise InvalidOperation
    return value
