"""Applies a customer input to the store: one path for customerCreate, customerUpdate and customerSet.

Must not know payload shapes. Source: reference §3.2, §3.3 and §3.6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify import consent_rules
from crossdock.sandbox.shopify.address_rules import AddressRefusedError, build_address
from crossdock.sandbox.shopify.customer_rules import check_scalars
from crossdock.sandbox.shopify.owned_metafields import Owner, change_metafields
from crossdock.sandbox.shopify.records import Address, Customer, UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.zones import find_country

_NAMELESS: Final = "A name, phone number, or email address must be present"


class CustomerRefusedError(Exception):
    """An input that breaks at least one rule; nothing was stored."""

    def __init__(self, errors: list[UserError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def write_customer(
    store: ShopifyStore, given: Mapping[str, Wire], before: Customer | None, prefix: Sequence[str] = ()
) -> Customer:
    """Create a customer, or change the one given, and store it.

    Raises:
        CustomerRefusedError: every broken rule at once.

    """
    now = store.now()
    scalars = check_scalars(given, prefix, _region(store, given))
    errors = [*scalars.errors, *_taken(store, scalars.values, before, prefix)]
    if before is None:
        base = Customer(store.next_number(), now, now, locale="en")
        errors.extend(consent_rules.missing_contact(given, scalars.values))
    else:
        base = before
    after = replace(base, **scalars.values, updated_at=now)
    after = _with_addresses(store, after, given, prefix, errors)
    after = _with_metafields(store, after, given, prefix, errors)
    if not (after.first_name or after.last_name or after.email or after.phone) and not errors:
        errors.append(UserError([*prefix] or None, _NAMELESS, "INVALID"))
    if errors:
        raise CustomerRefusedError(errors)
    return store.save(_with_consent(after, given) if before is None else after)


def add_address(
    store: ShopifyStore, customer: Customer, given: Mapping[str, Wire], *, is_default: bool
) -> tuple[Customer, Address]:
    """Add an address to a customer; the first one becomes the default.

    Raises:
        AddressRefusedError: the address breaks a rule or is there already.

    """
    names = (customer.first_name, customer.last_name)
    address = build_address(store.next_number(), given, ["address"], names)
    if any(replace(known, number=address.number) == address for known in customer.addresses):
        raise AddressRefusedError([UserError(["address"], "Address already exists", "TAKEN")])
    default = address.number if is_default or not customer.addresses else customer.default_address_number
    changed = replace(
        customer,
        addresses=(*customer.addresses, address),
        default_address_number=default,
        updated_at=store.now(),
    )
    return store.save(changed), address


def set_metafields(
    store: ShopifyStore, customer: Customer, given: Sequence[Mapping[str, Wire]], path: Sequence[str]
) -> tuple[Customer, list[UserError]]:
    """Answer the customer with metafields added or replaced, and what is wrong with them; stores nothing."""
    kept, errors = change_metafields(store, Owner("CUSTOMER", customer.number, customer.metafields), given, path)
    return replace(customer, metafields=kept, updated_at=store.now()), errors


def _region(store: ShopifyStore, given: Mapping[str, Wire]) -> str:
    for address in given.get("addresses") or ():
        country = find_country(address.get("countryCode") or address.get("country") or "")
        if country is not None:
            return country[0]
    return store.country


def _taken(
    store: ShopifyStore, values: Mapping[str, Wire], before: Customer | None, prefix: Sequence[str]
) -> list[UserError]:
    number = before.number if before is not None else None
    errors: list[UserError] = []
    holder = store.customers.by_email(values["email"]) if values.get("email") else None
    if holder is not None and holder.number != number:
        errors.append(UserError([*prefix, "email"], "Email has already been taken", "TAKEN"))
    holder = store.customers.by_phone(values["phone"]) if values.get("phone") else None
    if holder is not None and holder.number != number:
        errors.append(UserError([*prefix, "phone"], "Phone has already been taken", "TAKEN"))
    return errors


def _with_addresses(
    store: ShopifyStore, customer: Customer, given: Mapping[str, Wire], prefix: Sequence[str], errors: list[UserError]
) -> Customer:
    if given.get("addresses") is None:
        return customer
    names = (customer.first_name, customer.last_name)
    built: list[Address] = []
    known = {address.number for address in customer.addresses}
    for index, one in enumerate(given["addresses"]):
        number = parse_gid(one.get("id") or "", "MailingAddress")
        try:
            built.append(
                build_address(
                    number if number is not None and number in known else store.next_number(),
                    one,
                    [*prefix, "addresses", str(index)],
                    names,
                )
            )
        except AddressRefusedError as refused:
            errors.extend(refused.errors)
    numbers = [address.number for address in built]
    default = customer.default_address_number
    if default not in numbers:
        default = numbers[0] if numbers else None
    return replace(customer, addresses=tuple(built), default_address_number=default)


def _with_metafields(
    store: ShopifyStore, customer: Customer, given: Mapping[str, Wire], prefix: Sequence[str], errors: list[UserError]
) -> Customer:
    if not given.get("metafields"):
        return customer
    changed, problems = set_metafields(store, customer, given["metafields"], [*prefix, "metafields"])
    errors.extend(problems)
    return changed


def _with_consent(customer: Customer, given: Mapping[str, Wire]) -> Customer:
    email, sms = given.get("emailMarketingConsent"), given.get("smsMarketingConsent")
    now = customer.updated_at
    return replace(
        customer,
        email_consent=consent_rules.build_consent(email, now, is_sms=False) if email else customer.email_consent,
        sms_consent=consent_rules.build_consent(sms, now, is_sms=True) if sms else customer.sms_consent,
    )
