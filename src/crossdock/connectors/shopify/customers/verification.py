"""Whether a customer that was created reads back as it was sent.

Owns which fields are compared and how, now and when the customer is undone. Pure. What Shopify itself tidies up (case,
spaces, the order of tags) is no difference.
"""

from collections.abc import Iterable
from typing import Final

from crossdock.connectors.shopify.customers.wire import AddressInput, CustomerInput
from crossdock.domain.customer import Address, Customer
from crossdock.domain.identity import Marker, email_key, phone_key, text_key
from crossdock.domain.imprint import Imprint, imprint_of
from crossdock.domain.plan import Level, Reason

_EXPLAINED: Final = {
    "phone_taken": "telephone",
    "phone_invalid": "telephone",
    "address_refused": "addresses",
    "address_part_refused": "addresses",
    "locale_refused": "language",
    "tags_refused": "tags",
    "consent_refused": "marketing consent",
}


def explained_fields(reasons: Iterable[Reason]) -> frozenset[str]:
    """Give the fields in which a customer differs from its plan for reasons that its creation has told."""
    return frozenset(_EXPLAINED[reason.code] for reason in reasons if reason.code in _EXPLAINED)


def changed_by_store(
    sent: CustomerInput, found: Customer, marker: Marker, *, explained: frozenset[str] = frozenset()
) -> tuple[Reason, ...]:
    """Tell which fields of `found`, but those that are `explained`, are not as planned; no reason where all are."""
    fields = [name for name, is_kept in _kept(sent, found).items() if not is_kept and name not in explained]
    reasons: list[Reason] = []
    if fields:
        text = f"Shopify holds other values than were sent for: {', '.join(fields)}."
        reasons.append(Reason("field_changed_by_store", Level.WARNING, text))
    if found.marker != str(marker):
        text = "The customer does not carry Crossdock's note: another app has removed or changed it."
        reasons.append(Reason("marker_changed", Level.WARNING, text))
    return tuple(reasons)


def held_imprint(found: Customer) -> Imprint:
    """Take an imprint of all that was sent, as the store holds it. Orders add addresses, and a name where none is."""
    consent = found.email_consent
    return imprint_of(
        {
            "e-mail": found.email,
            "telephone": found.phone,
            "tags": sorted(found.tags),
            "note": found.note,
            "language": found.locale,
            "tax exemption": found.is_tax_exempt,
            "marketing consent": consent and consent.state,
            "Crossdock's note": found.marker,
        },
        collections={
            "first name": [found.first_name] if found.first_name else [],
            "last name": [found.last_name] if found.last_name else [],
            "addresses": found.addresses,
        },
    )


def _kept(sent: CustomerInput, found: Customer) -> dict[str, bool]:
    consent = sent.email_marketing_consent
    held = {address.key for address in found.addresses}
    tags = {tag.strip().casefold() for part in sent.tags for tag in part.split(",") if tag.strip()}
    return {
        "e-mail": email_key(sent.email) == email_key(found.email),
        "first name": text_key(sent.first_name) == text_key(found.first_name),
        "last name": text_key(sent.last_name) == text_key(found.last_name),
        "telephone": not sent.phone or sent.phone == phone_key(found.phone, ""),
        "addresses": all(_address(address).key in held for address in sent.addresses),
        "tags": tags <= {tag.casefold() for tag in found.tags},
        "note": text_key(sent.note) == text_key(found.note),
        "language": not sent.locale or sent.locale.casefold() == found.locale.casefold(),
        "tax exemption": sent.tax_exempt == found.is_tax_exempt,
        "marketing consent": consent is None
        or (found.email_consent is not None and found.email_consent.state.name == consent.marketing_state),
    }


def _address(sent: AddressInput) -> Address:
    return Address(
        address1=sent.address1,
        address2=sent.address2,
        city=sent.city,
        postcode=sent.zip,
        country_code=sent.country_code,
        company=sent.company,
    )
