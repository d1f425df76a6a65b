"""Between Shopify's customers and ours: pure, both ways.

Owns which field becomes which, and what Shopify can't hold. It must not know how anything is read or sent.

Source: Shopify Admin GraphQL API 2026-10, `Customer` and `CustomerInput`, with the limits that their errors name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.regions import corrected_country, is_unknown_country, shopify_region
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent, distinct_addresses
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker, phone_key
from crossdock.domain.plan import Level, Reason

MOST_TEXT: Final = 255
MOST_NOTE: Final = 5_000
MOST_TAGS: Final = 250
MOST_ADDRESSES: Final = 100

_STATES: Final = {
    "SUBSCRIBED": ConsentState.SUBSCRIBED,
    "UNSUBSCRIBED": ConsentState.UNSUBSCRIBED,
    "NOT_SUBSCRIBED": ConsentState.NOT_SUBSCRIBED,
    "PENDING": ConsentState.PENDING,
}
_SENT_STATES: Final = frozenset({ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED})
_COUNTRY_CODE: Final = re.compile(r"[A-Z]{2,3}")
_SENT_LEVELS: Final = frozenset({"single_opt_in", "confirmed_opt_in", "unknown"})


def to_customer(node: wire.Customer) -> Customer:
    """Give our customer; the default address first, the telephone from it where the customer has none."""
    others = node.addresses_v2.nodes if node.addresses_v2 else ()
    addresses = tuple(to_address(address) for address in (node.default_address, *others) if address is not None)
    phone = node.default_phone_number.phone_number if node.default_phone_number else ""
    order_count = int(node.number_of_orders)
    return Customer(
        id=node.id,
        email=node.default_email_address.email_address if node.default_email_address else "",
        first_name=node.first_name or "",
        last_name=node.last_name or "",
        phone=phone or next((address.phone for address in addresses[:1]), ""),
        created_at=node.created_at,
        addresses=addresses if len(addresses) == 1 and not addresses[0].is_blank else distinct_addresses(addresses),
        tags=node.tags,
        note=node.note or "",
        locale=node.locale or "",
        is_tax_exempt=node.tax_exempt,
        email_consent=_consent(node.default_email_address),
        has_past_order=order_count > 0,
        order_count=order_count,
        marker=node.metafield.value if node.metafield else "",
    )


def to_address(address: wire.Address) -> Address:
    """Give our address."""
    return Address(
        first_name=address.first_name or "",
        last_name=address.last_name or "",
        company=address.company or "",
        address1=address.address1 or "",
        address2=address.address2 or "",
        city=address.city or "",
        province_code=address.province_code or "",
        postcode=address.zip or "",
        country_code=address.country_code_v2 or "",
        phone=address.phone or "",
    )


def _consent(email: wire.EmailAddress | None) -> EmailConsent | None:
    state = _STATES.get(email.marketing_state) if email else None
    if email is None or state is None:
        return None
    return EmailConsent(state, (email.marketing_opt_in_level or "").lower(), email.marketing_updated_at)


def to_input(record: Customer, marker: Marker, *, region: str, latest: datetime) -> wire.CustomerInput:
    """Plan the creation of `record`. `region` reads national numbers, `latest` bounds the date of a consent.

    Raises:
        UnmappableValueError: the record has nothing to be known by, or a value that Shopify can't hold.
    """
    record = _placed(record)
    phone = phone_key(record.phone, record.region(region))
    _check_identity(record, phone)
    addresses = _planned_addresses(record, keeps_phone=record.phone if phone is None else "")
    return wire.CustomerInput(
        email="".join(record.email.split()),
        first_name=record.first_name.strip(),
        last_name=record.last_name.strip(),
        phone=phone or "",
        locale=record.locale.strip().replace("_", "-"),
        note=record.note[:MOST_NOTE].strip(),
        tags=_tags(record.tags),
        tax_exempt=record.is_tax_exempt,
        addresses=tuple(address_input(address) for address in addresses),
        email_marketing_consent=_consent_input(record, latest),
        metafields=(wire.MetafieldInput(MARKER_NAMESPACE, MARKER_KEY, "id", str(marker)),),
    )


def _placed(record: Customer) -> Customer:
    """Give the record without addresses in countries that Shopify has no code for, and with corrected codes."""
    return replace(
        record,
        addresses=tuple(
            replace(address, country_code=corrected_country(address.country_code))
            for address in record.addresses
            if not is_unknown_country(address.country_code)
        ),
    )


def _planned_addresses(record: Customer, *, keeps_phone: str) -> tuple[Address, ...]:
    """Give the addresses to write; a number that the customer can't have goes to the first one that has none."""
    addresses = distinct_addresses(record.addresses)[:MOST_ADDRESSES]
    if keeps_phone and addresses and not addresses[0].phone:
        return (replace(addresses[0], phone=keeps_phone), *addresses[1:])
    return addresses


def address_input(address: Address) -> wire.AddressInput:
    """Give the `MailingAddressInput` of an address."""
    country, province = shopify_region(address.country_code, address.province_code)
    return wire.AddressInput(
        first_name=address.first_name.strip(),
        last_name=address.last_name.strip(),
        company=address.company.strip(),
        address1=address.address1.strip(),
        address2=address.address2.strip(),
        city=address.city.strip(),
        province_code=province,
        zip=address.postcode.strip(),
        country_code=country,
        phone=address.phone.strip(),
    )


def losses(record: Customer, *, region: str) -> Sequence[Reason]:
    """Tell which values of `record` a Shopify store can't hold as they are."""
    given, record = record.addresses, _placed(record)
    found: list[Reason] = []
    if record.phone and phone_key(record.phone, record.region(region)) is None:
        text = "The telephone number is not a valid one: it is kept on the address, if there is one."
        found.append(_lost("phone_invalid", text))
    if len(record.note) > MOST_NOTE:
        found.append(_lost("note_cut", f"Shopify keeps the first {MOST_NOTE} characters of the note."))
    if len(_tags(record.tags)) < len({tag.strip().casefold() for tag in record.tags if tag.strip()}):
        text = f"Shopify keeps {MOST_TAGS} tags of {MOST_TEXT} characters each: others are left out."
        found.append(_lost("tags_cut", text))
    found += _country_reasons({address.country_code.strip().upper() for address in given})
    if any(_loses_province(address) for address in record.addresses):
        text = "Shopify does not know the state or province of an address: it is left out."
        found.append(Reason("province_unknown", Level.INFO, text))
    consent = record.email_consent
    if consent is not None and consent.state is ConsentState.PENDING:
        text = "The consent to marketing e-mail waits for the customer's confirmation: it is not carried over."
        found.append(_lost("consent_pending", text))
    return found


def _country_reasons(given: Iterable[str]) -> list[Reason]:
    found: list[Reason] = []
    unknown = sorted(filter(is_unknown_country, given))
    if unknown:
        # What is no code may be anything that a person has typed, and is not repeated.
        codes = ", ".join(code if _COUNTRY_CODE.fullmatch(code) else "not a code" for code in unknown)
        text = f"Shopify does not know the country of an address ({codes}): the address is left out."
        found.append(_lost("country_unknown", text))
    for code in sorted(given):
        if corrected_country(code) != code:
            text = f"The country code {code} of an address is sent as {corrected_country(code)}."
            found.append(Reason("country_corrected", Level.INFO, text))
    return found


def _lost(code: str, message: str) -> Reason:
    return Reason(code, Level.WARNING, message)


def _loses_province(address: Address) -> bool:
    return bool(address.province_code.strip()) and not shopify_region(address.country_code, address.province_code)[1]


def _check_identity(record: Customer, phone: str | None) -> None:
    names = (record.first_name.strip(), record.last_name.strip())
    if not any((record.email.strip(), phone, *names)):
        raise UnmappableValueError(
            "no_identity",
            "The customer has no e-mail address, valid telephone number or name: Shopify needs one of them.",
        )
    if any(len(name) > MOST_TEXT for name in names):
        raise UnmappableValueError(
            "name_too_long", f"The customer's name is longer than the {MOST_TEXT} characters that Shopify allows."
        )
    if len(record.email.strip()) > MOST_TEXT:
        raise UnmappableValueError(
            "email_too_long", f"The e-mail address is longer than the {MOST_TEXT} characters that Shopify allows."
        )


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    kept = {tag.strip().casefold(): tag.strip() for tag in reversed(tags) if 0 < len(tag.strip()) <= MOST_TEXT}
    return tuple(reversed(kept.values()))[:MOST_TAGS]


def _consent_input(record: Customer, latest: datetime) -> wire.ConsentInput | None:
    consent = record.email_consent
    if consent is None or consent.state not in _SENT_STATES or not record.email.strip():
        return None
    moment = ""
    if consent.updated_at is not None:
        # Shopify refuses a date in the future, and clocks of two stores differ.
        bounded = min(consent.updated_at.astimezone(UTC), latest.astimezone(UTC))
        moment = bounded.strftime("%Y-%m-%dT%H:%M:%SZ")
    level = consent.opt_in_level if consent.opt_in_level in _SENT_LEVELS else ""
    return wire.ConsentInput(consent.state.name, level.upper(), moment)
