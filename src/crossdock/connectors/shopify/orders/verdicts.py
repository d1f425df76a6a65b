"""What Shopify's words on a refused order mean, and what to leave out of a second try.

Owns the `userErrors` of `orderCreate` and `draftOrderCreate`: which end a record, which can be remedied, and the codes
and sentences for both. Pure. It must not know how anything is sent.

Source: Shopify Admin GraphQL API 2026-10; which of an order's values are checked is documented for few of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.customers.wire import AddressInput
from crossdock.connectors.shopify.orders.details import keyed
from crossdock.connectors.shopify.orders.losses import reason_of
from crossdock.connectors.shopify.orders.wire_out import DraftInput, OrderInput
from crossdock.connectors.shopify.orders.words import OURS
from crossdock.domain.errors import RateLimitedError, RecordRejectedError
from crossdock.domain.plan import Level, Reason

Input = OrderInput | DraftInput

LIMITED: Final = "orders_limited"
_TOO_MANY: Final = "Too many attempts"
_MINUTE: Final = 60.0
_ROOTS: Final = frozenset({"order", "input", "draftOrder"})
_GONE: Final = "no longer available"
_ADDRESSES: Final = {"billingAddress": "billing_address", "shippingAddress": "shipping_address"}
_PARTS: Final = {
    "firstName": "first_name",
    "lastName": "last_name",
    "company": "company",
    "address2": "address2",
    "phone": "phone",
    "province": "province_code",
    "provinceCode": "province_code",
}
"""Parts without which an address is still found, as `AddressInput` names them."""

_NO_CUSTOMER: Final = "Customer does not exist"
_CUSTOMERS: Final = frozenset({"customer", "customerId", "purchasingEntity"})
_CODE: Final = re.compile(r"[A-Z_]+")


class UserError(msgspec.Struct, frozen=True):
    """`OrderCreateUserError` or `UserError`; only the former has a code."""

    message: str
    field: tuple[str, ...] | None = None
    code: str | None = None


@dataclass(slots=True)
class Verdict:
    """All that one reply says of an order. Nothing was written."""

    refusal: RecordRejectedError | None = None
    wait: RateLimitedError | None = None
    is_marker_taken: bool = False
    drops: set[str] = field(default_factory=set[str])
    part_drops: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    line_drops: set[int] = field(default_factory=set[int])
    reasons: list[Reason] = field(default_factory=list[Reason])


def judge(errors: Sequence[UserError], sent: Input) -> Verdict:
    """Read the errors of one reply to `sent`; several come together."""
    verdict = Verdict()
    for error in errors:
        path = list(error.field or ())
        path = path[1:] if path and path[0] in _ROOTS else path
        if _TOO_MANY in error.message:
            text = "Shopify takes five new orders a minute from a development store. Crossdock waits."
            verdict.wait = RateLimitedError("orders_limited", text, retry_after=_MINUTE)
            continue
        _judge_one(verdict, path, error, sent)
    return verdict


def remedied(sent: Input, verdict: Verdict) -> Input:
    """Give what to send instead; the same as `sent` where there is nothing to leave out."""
    changes: dict[str, object] = {}
    lost = [(f"{OURS}{name}", getattr(sent, name)) for name in ("email", "phone") if name in verdict.drops]
    if lost:
        changes = {name.removeprefix(OURS): "" for name, _ in lost}
        changes["custom_attributes"] = (*sent.custom_attributes, *keyed(lost))
    if "tags" in verdict.drops:
        changes["tags"] = ()
    if "customer" in verdict.drops:
        changes["customer" if isinstance(sent, OrderInput) else "purchasing_entity"] = None
    for name in _ADDRESSES.values():
        parts = {part: "" for of, part in verdict.part_drops if of == name}
        address: AddressInput | None = getattr(sent, name)
        if name in verdict.drops:
            changes[name] = None
        elif parts and address is not None:
            changes[name] = msgspec.structs.replace(address, **parts)
    return msgspec.structs.replace(_without_variants(sent, verdict), **changes)


def _without_variants(sent: Input, verdict: Verdict) -> Input:
    """Turn lines of variants that Shopify refused into custom lines."""
    if not verdict.line_drops:
        return sent
    if isinstance(sent, OrderInput):
        lines = tuple(
            msgspec.structs.replace(line, variant_id="") if at in verdict.line_drops else line
            for at, line in enumerate(sent.line_items)
        )
        return msgspec.structs.replace(sent, line_items=lines)
    drafts = tuple(
        msgspec.structs.replace(
            line,
            variant_id="",
            price_override=None,
            original_unit_price_with_currency=line.price_override,
        )
        if at in verdict.line_drops and line.variant_id
        else line
        for at, line in enumerate(sent.line_items)
    )
    return msgspec.structs.replace(sent, line_items=drafts)


def _judge_one(verdict: Verdict, path: Sequence[str], error: UserError, sent: Input) -> None:
    head = path[0] if path else ""
    if head in _ADDRESSES:
        _drop_of_address(verdict, _ADDRESSES[head], path[1:], error, sent)
    elif head == "metafields":
        verdict.is_marker_taken = True
    elif head == "email" and sent.email:
        _drop(verdict, "email", reason_of("email_left_out"))
    elif head == "phone" and sent.phone:
        _drop(verdict, "phone", reason_of("phone_invalid"))
    elif head == "tags" and sent.tags:
        _drop(verdict, "tags", _warning("tags_refused", "Shopify refused the order's tags: they are left out.", error))
    elif head in _CUSTOMERS or _NO_CUSTOMER in error.message:
        text = "Shopify did not join the order to its customer: it goes by the e-mail address alone."
        _drop(verdict, "customer", _warning("customer_refused", text, error))
    elif _drop_variants(verdict, path, error, sent):
        return
    else:
        said = store_words(error.message)
        text = f"Shopify refused the order. It says: {said}"
        verdict.refusal = verdict.refusal or RecordRejectedError("refused_by_store", text, _code(error))


def _drop_of_address(verdict: Verdict, name: str, path: Sequence[str], error: UserError, sent: Input) -> None:
    """Leave out the part of an address that can go alone, else the address."""
    address: AddressInput | None = getattr(sent, name)
    part = _PARTS.get(path[0] if path else "", "")
    if not part or address is None or not getattr(address, part):
        _drop(verdict, name, _warning("address_refused", "Shopify refused an address: it is left out.", error))
    elif (name, part) not in verdict.part_drops:
        verdict.part_drops.add((name, part))
        if part == "province_code":
            text = "Shopify does not know the state or province of an address: it is left out."
            verdict.reasons.append(_warning("province_refused", text, error))
        else:
            text = "Shopify refused a part of an address: only that is left out."
            verdict.reasons.append(_warning("address_part_refused", text, error))


def _drop_variants(verdict: Verdict, path: Sequence[str], error: UserError, sent: Input) -> bool:
    """Tell whether an error is about a variant; its line, or all lines where none is named, becomes a custom one."""
    lines = {at for at, line in enumerate(sent.line_items) if line.variant_id}
    match path:
        case ["lineItems", place, "variantId" | "productId", *_] if place.isdecimal():
            lines &= {int(place)}
        case _ if _GONE not in error.message:
            return False
        case _:
            pass
    if not lines:
        return False
    if not verdict.line_drops:
        text = "Shopify did not take a product: its line is a custom one."
        verdict.reasons.append(_warning("product_refused", text, error))
    verdict.line_drops |= lines
    return True


def _drop(verdict: Verdict, name: str, reason: Reason) -> None:
    if name not in verdict.drops:
        verdict.drops.add(name)
        verdict.reasons.append(reason)


def _code(error: UserError) -> str:
    """Give Shopify's own code for the log; anything that is no code is not repeated."""
    return error.code if error.code and _CODE.fullmatch(error.code) else ""


def _warning(code: str, text: str, error: UserError) -> Reason:
    return Reason(code, Level.WARNING, f"{text} It says: {store_words(error.message)}")
