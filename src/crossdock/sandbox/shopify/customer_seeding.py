"""Builds the customers that a store is filled with, past every rule of the API. Must not know where they are kept."""

from collections.abc import Callable, Mapping
from datetime import datetime

from crossdock.sandbox.shopify.customer_rules import normalise_tags
from crossdock.sandbox.shopify.records import Address, Consent, Customer, Metafield, SeedCustomer
from crossdock.sandbox.shopify.zones import find_country, find_province


def build_customer(given: SeedCustomer, now: datetime, next_number: Callable[[], int]) -> Customer:
    """Build a customer; the first address is the default."""
    created_at = given.created_at or now
    number = next_number()
    addresses = tuple(build_seeded_address(next_number(), address) for address in given.addresses)
    return Customer(
        number=number,
        created_at=created_at,
        updated_at=given.updated_at or created_at,
        email="".join(given.email.split()) if given.email else None,
        phone=given.phone,
        first_name=given.first_name,
        last_name=given.last_name,
        note=given.note,
        locale=given.locale,
        tags=normalise_tags(given.tags),
        tax_exempt=given.tax_exempt,
        email_consent=Consent(given.email_marketing_state),
        sms_consent=Consent(given.sms_marketing_state),
        addresses=addresses,
        default_address_number=addresses[0].number if addresses else None,
        metafields=tuple(
            Metafield(next_number(), *metafield, created_at, created_at) for metafield in given.metafields
        ),
        number_of_orders=given.number_of_orders,
        spent=given.amount_spent,
    )


def build_seeded_address(number: int, given: Mapping[str, str | None]) -> Address:
    """Build an address from the API's field names in snake case; country and province are completed."""
    country = find_country(given.get("country_code_v2") or given.get("country") or "")
    wanted = given.get("province_code") or given.get("province")
    province = find_province(country[0], wanted) if country and wanted else None
    code, name = province or (given.get("province_code"), given.get("province"))
    places = {"country": country[1], "country_code_v2": country[0]} if country else {}
    return Address(number, **{**given, **places, "province": name, "province_code": code})
