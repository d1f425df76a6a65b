"""What Shopify's words on a refused customer mean, and what to leave out of a second try.

Owns the `userErrors` of `customerCreate`: which end a record, which can be remedied, and the codes and sentences for
both. Pure. It must not know how anything is sent.

Source: Shopify Admin GraphQL API 2026-10; customer mutations give a field and a message, no code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.customers.wire import AddressInput, CustomerInput, UserError
from crossdock.domain.errors import RecordRejectedError
from crossdock.domain.plan import Level, Reason

_TAKEN: Final = "taken"
_TOO_LONG: Final = "is too long"
_PARTS: Final = {
    "firstName": ("first name", "first_name"),
    "lastName": ("last name", "last_name"),
    "company": ("company", "company"),
    "address2": ("second line", "address2"),
    "phone": ("telephone number", "phone"),
    "province": ("state or province", "province_code"),
    "provinceCode": ("state or province", "province_code"),
}
"""Parts without which an address is still found: their names for people and in `AddressInput`."""

_RETRY: Final = "Correct it in the source store, then try this record again."

_ENDS: Final[Sequence[tuple[frozenset[str], str, str, str]]] = (
    (frozenset({"email"}), _TOO_LONG, "email_too_long", f"The e-mail address is too long for Shopify. {_RETRY}"),
    (frozenset({"email"}), "", "email_invalid", f"Shopify does not accept the e-mail address as valid. {_RETRY}"),
    (frozenset({"firstName", "lastName"}), "", "name_invalid", f"Shopify does not accept the name. {_RETRY}"),
    (frozenset({"note"}), "", "note_invalid", f"Shopify does not accept the note. {_RETRY}"),
    (
        frozenset({""}),
        "must be present",
        "no_identity",
        "Shopify needs an e-mail address, a name, or a telephone number that no other customer has.",
    ),
)
_REMEDIES: Final = {
    "locale": ("locale_refused", "Shopify does not know the customer's language: the shop's own is used."),
    "tags": ("tags_refused", "Shopify refused the customer's tags: they are left out."),
    "emailMarketingConsent": (
        "consent_refused",
        "Shopify refused the consent to marketing e-mail: it is not carried over.",
    ),
}


@dataclass(slots=True)
class Verdict:
    """All that one reply says of a record. Nothing was written."""

    refusal: RecordRejectedError | None = None
    is_email_taken: bool = False
    is_marker_taken: bool = False
    drops: set[str] = field(default_factory=set[str])
    address_drops: set[int] = field(default_factory=set[int])
    part_drops: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    reasons: list[Reason] = field(default_factory=list[Reason])


def judge(errors: Sequence[UserError], sent: CustomerInput) -> Verdict:
    """Read the errors of one reply to `sent`; several come together."""
    verdict = Verdict()
    of_addresses: list[tuple[int, str, UserError]] = []
    for error in errors:
        path = error.field or ()
        match path[0] if path else "":
            case "email" if _TAKEN in error.message:
                verdict.is_email_taken = True
            case "metafields":
                verdict.is_marker_taken = True
            case "phone":
                _drop_phone(verdict, error)
            case "addresses" if len(path) > 1 and path[1].isdecimal() and int(path[1]) < len(sent.addresses):
                number = int(path[1])
                of_addresses.append((number, _part_to_drop(path[2:], sent.addresses[number]), error))
            case name if name in _REMEDIES:
                verdict.drops.add(name)
                verdict.reasons.append(_warning(*_REMEDIES[name], error))
            case name:
                verdict.refusal = verdict.refusal or _end(name, error)
    _drop_of_addresses(verdict, of_addresses)
    return verdict


def remedied(sent: CustomerInput, verdict: Verdict) -> CustomerInput:
    """Give what to send instead; the same as `sent` where there is nothing to leave out."""
    addresses = [
        msgspec.structs.replace(address, **{part: "" for at, part in verdict.part_drops if at == number})
        for number, address in enumerate(sent.addresses)
        if number not in verdict.address_drops
    ]
    if "phone" in verdict.drops and addresses and not addresses[0].phone:
        addresses[0] = msgspec.structs.replace(addresses[0], phone=sent.phone)
    return msgspec.structs.replace(
        sent,
        addresses=tuple(addresses),
        phone="" if "phone" in verdict.drops else sent.phone,
        locale="" if "locale" in verdict.drops else sent.locale,
        tags=() if "tags" in verdict.drops else sent.tags,
        email_marketing_consent=None if "emailMarketingConsent" in verdict.drops else sent.email_marketing_consent,
    )


def _drop_phone(verdict: Verdict, error: UserError) -> None:
    if "phone" in verdict.drops:
        return
    verdict.drops.add("phone")
    code, what = "phone_invalid", "is not accepted by Shopify"
    if _TAKEN in error.message:
        code, what = "phone_taken", "belongs to another customer in Shopify"
    text = f"The telephone number {what}: it is left off the customer and kept on the address, if there is one."
    verdict.reasons.append(Reason(code, Level.WARNING, text))


def _part_to_drop(path: tuple[str, ...], address: AddressInput) -> str:
    """Name the part of an address that can go alone; empty where the address must go.

    A part that was not even sent is refused for a value of Shopify's own making, such as the customer's name.
    """
    _, part = _PARTS.get(path[0] if path else "", ("", ""))
    return part if part and getattr(address, part) else ""


def _drop_of_addresses(verdict: Verdict, errors: Sequence[tuple[int, str, UserError]]) -> None:
    verdict.address_drops = {number for number, part, _ in errors if not part}
    told: set[tuple[int, str]] = set()
    for number, part, error in errors:
        if (part and number in verdict.address_drops) or (number, part) in told:
            continue
        told.add((number, part))
        verdict.reasons.append(_address_reason(part, error))
    verdict.part_drops = {(number, part) for number, part in told if part}


def _address_reason(part: str, error: UserError) -> Reason:
    if not part:
        return _warning("address_refused", "Shopify refused an address: it is left out.", error)
    if part == "province_code":
        text = "Shopify does not know the state or province of an address: it is left out."
        return _warning("province_refused", text, error)
    name = next(name for name, known in _PARTS.values() if known == part)
    text = f"Shopify refused the {name} of an address: only that is left out."
    return _warning("address_part_refused", text, error)


def _end(name: str, error: UserError) -> RecordRejectedError:
    for names, words, code, text in _ENDS:
        if name in names and words in error.message:
            return RecordRejectedError(code, text)
    said = store_words(error.message)
    return RecordRejectedError("refused_by_store", f"Shopify refused the customer. It says: {said}")


def _warning(code: str, text: str, error: UserError) -> Reason:
    return Reason(code, Level.WARNING, f"{text} It says: {store_words(error.message)}")
