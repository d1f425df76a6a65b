"""Customers from WooCommerce's wire form to the domain and back: pure, both ways.

Owns which field becomes which, and what WooCommerce can't hold. Must not send anything.
"""

import html
from datetime import UTC
from typing import Any

from crossdock.connectors.woocommerce.addresses import address_from_wire, address_to_wire
from crossdock.connectors.woocommerce.customers.wire import WireCustomer
from crossdock.connectors.woocommerce.emails import email_for_wordpress
from crossdock.connectors.woocommerce.meta import MARKER_KEY, marker_of
from crossdock.domain.customer import ConsentState, Customer, distinct_addresses
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker, text_key
from crossdock.domain.imprint import Imprint, imprint_of
from crossdock.domain.plan import Level, Reason

Payload = dict[str, Any]

ADDRESSES_HELD = 2


def customer_from_wire(wire: WireCustomer) -> Customer:
    """Map a customer as WooCommerce gives it; names come with entities (`&amp;`), times in UTC."""
    addresses = distinct_addresses((address_from_wire(wire.billing), address_from_wire(wire.shipping)))
    created_at = wire.date_created_gmt
    return Customer(
        id=str(wire.id),
        email=wire.email or "",
        first_name=html.unescape(wire.first_name or ""),
        last_name=html.unescape(wire.last_name or ""),
        phone=wire.billing.phone or wire.shipping.phone or "",
        created_at=None if created_at is None else created_at.replace(tzinfo=UTC),
        addresses=addresses,
        role=wire.role or "",
        has_past_order=bool(wire.is_paying_customer),
        marker=marker_of(wire.meta_data),
    )


def payload_of(customer: Customer, marker: Marker) -> Payload:
    """Map a customer to what is sent to create it.

    The role is never sent: WooCommerce gives its own, and user name and password are made by the shop.

    Raises:
        UnmappableValueError: the e-mail address is missing, or WordPress can't hold it. Items of a batch skip the
            platform's own validation, so that this is the only one.
    """
    email = _email_of(customer.email)
    payload: Payload = {
        "email": email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "meta_data": [{"key": MARKER_KEY, "value": str(marker)}],
    }
    held = [address_to_wire(address) for address in customer.addresses[:ADDRESSES_HELD]]
    phone = {"phone": customer.phone} if customer.phone else {}
    payload["billing"] = {**(held[0] if held else {}), **phone, "email": email}
    if held:
        payload["shipping"] = held[-1]
    return payload


def losses_of(customer: Customer) -> tuple[Reason, ...]:
    """Tell what of a customer WooCommerce has no place for."""
    consent = customer.email_consent
    first_phone = customer.addresses[0].phone if len(customer.addresses) > 1 else ""
    is_phone_lost = customer.phone and first_phone and first_phone != customer.phone
    found = (
        ("tags_not_held", customer.tags, "WooCommerce customers have no tags."),
        ("note_not_held", customer.note, "WooCommerce customers have no note."),
        ("locale_not_held", customer.locale, "The customer's language is not carried over."),
        ("tax_exemption_not_held", customer.is_tax_exempt, "WooCommerce has no tax exemption of a customer."),
        (
            "consent_not_held",
            consent is not None and consent.state is not ConsentState.NOT_SUBSCRIBED,
            "WooCommerce does not hold consent to marketing e-mail.",
        ),
        (
            "addresses_not_held",
            len(customer.addresses) > ADDRESSES_HELD,
            "WooCommerce holds a billing and a shipping address; further addresses are not carried over.",
        ),
        ("address_phone_not_held", is_phone_lost, "The telephone number of the first address is not carried over."),
    )
    return tuple(Reason(code, Level.WARNING, text) for code, is_lost, text in found if is_lost)


def changed_fields(payload: Payload, wire: WireCustomer) -> list[str]:
    """Compare what was sent with what reads back; gives the names of fields that differ in more than their form."""
    pairs = [
        ("first name", payload["first_name"], wire.first_name),
        ("last name", payload["last_name"], wire.last_name),
    ]
    for kind, held in (("billing", wire.billing), ("shipping", wire.shipping)):
        sent = payload.get(kind, {})
        pairs += [
            (f"{kind} {name.replace('_', ' ')}", text, getattr(held, name))
            for name, text in sent.items()
            if name != "email"
        ]
    changed = [name for name, sent, held in pairs if text_key(sent) != text_key(held or "")]
    if str(payload["email"]).lower() != (wire.email or "").lower():
        changed.insert(0, "e-mail")
    return changed


def held_imprint(wire: WireCustomer) -> Imprint:
    """Take an imprint of all that was sent, as the store holds it."""
    return imprint_of(
        {
            "e-mail": wire.email,
            "first name": wire.first_name,
            "last name": wire.last_name,
            "role": wire.role,
            "billing address": wire.billing,
            "shipping address": wire.shipping,
            "Crossdock's note": marker_of(wire.meta_data),
        }
    )


def _email_of(text: str) -> str:
    if not text.strip():
        raise UnmappableValueError(
            "email_missing", "WooCommerce needs an e-mail address for every customer. Add one in the source store."
        )
    return email_for_wordpress(text)
