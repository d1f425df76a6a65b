"""The invented people: repeatable, spread as promised, as messy as promised, and possible on each platform."""

from collections import Counter
from typing import Any

import phonenumbers
import pytest

from crossdock.sandbox.people import person
from crossdock.sandbox.people_views import shopify_customers, shopify_views, woo_records, woo_views
from crossdock.sandbox.woocommerce.text import is_email

SEED, SIZE = 3, 2_000


@pytest.fixture(scope="module")
def woo() -> list[dict[str, Any]]:
    return list(woo_records(SEED, SIZE))


@pytest.fixture(scope="module")
def shopify() -> list[dict[str, Any]]:
    return list(shopify_customers(SEED, SIZE))


def test_a_person_follows_from_seed_and_index() -> None:
    assert person(SEED, 1_234_567) == person(SEED, 1_234_567)
    assert person(SEED, 5) != person(SEED + 1, 5)
    assert woo_views(person(SEED, 5)) == woo_views(person(SEED, 5))


def test_people_are_spread_over_both_stores() -> None:
    shares = Counter(person(SEED, index).presence for index in range(SIZE))
    assert shares == {"both": SIZE * 60 // 100, "woocommerce": SIZE * 25 // 100, "shopify": SIZE * 15 // 100}


def test_every_trait_occurs() -> None:
    traits = {person(SEED, index).trait for index in range(SIZE)}
    assert traits == {
        *("plain", "woo_without_email", "shopify_without_email", "staff", "ampersand", "four_byte", "formula"),
        *("no_phone", "invalid_phone", "woo_twin", "shopify_twin", "spam", "no_name", "household", "refused_address"),
        *("no_email", "markup"),
    }


def test_woo_emails_are_possible_there_and_usernames_unique(woo: list[dict[str, Any]]) -> None:
    assert all(is_email(record["email"]) for record in woo if record["email"])
    assert any(not record["email"] for record in woo)
    assert any("xn--" in record["email"] for record in woo)
    assert any(record["email"] != record["email"].lower() for record in woo)
    assert len({record["username"] for record in woo}) == len(woo)


def test_shopify_emails_and_phones_are_unique_and_phones_valid(shopify: list[dict[str, Any]]) -> None:
    emails = [customer["email"].lower() for customer in shopify if customer["email"]]
    phones = [customer["phone"] for customer in shopify if customer["phone"]]
    assert len(set(emails)) == len(emails) < len(shopify)
    assert len(set(phones)) == len(phones) < len(shopify)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    assert all(any((c["email"], c["phone"], c["first_name"])) for c in shopify)


def test_woo_phones_are_the_same_number_in_another_form() -> None:
    for index in range(300):
        who = person(SEED, index)
        for record in woo_views(who):
            written = record["billing"].get("phone")
            if written and who.trait != "invalid_phone":
                parsed = phonenumbers.parse(written, who.place.country)
                assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == who.phone


def test_names_hold_what_breaks_careless_tools(woo: list[dict[str, Any]], shopify: list[dict[str, Any]]) -> None:
    woo_names = {record.get("first_name") for record in woo}
    shopify_names = {customer["first_name"] for customer in shopify} | {customer["last_name"] for customer in shopify}
    assert {"=1+1", "Tom &amp; Ann", ""} <= woo_names
    assert {"=1+1", "Tom & Ann", "<script>alert(1)</script>", None} <= shopify_names
    assert any(ord(letter) > 0xFFFF for name in shopify_names if name for letter in name)


def test_a_household_shares_its_neighbours_phone() -> None:
    sharing = [index for index in range(SIZE) if person(SEED, index).trait == "household"]
    assert sharing
    for index in sharing:
        neighbour = person(SEED, index - 1)
        assert not neighbour.phone or person(SEED, index).phone == neighbour.phone


def test_staff_have_the_email_of_a_shopify_customer() -> None:
    staff = [who for who in (person(SEED, index) for index in range(SIZE)) if who.trait == "staff"]
    assert {record["role"] for who in staff for record in woo_views(who)} == {"administrator", "shop_manager"}
    assert all(shopify_views(who)[0]["email"] for who in staff)


def test_twins_are_one_identity_twice() -> None:
    people = [person(SEED, index) for index in range(SIZE)]
    woo_twin = next(who for who in people if who.trait == "woo_twin")
    shopify_twin = next(who for who in people if who.trait == "shopify_twin")
    first, second = woo_views(woo_twin)
    assert (first["email"], first["username"] != second["username"]) == (second["email"], True)
    known, unknown = shopify_views(shopify_twin)
    assert known["addresses"] == unknown["addresses"]
    assert (unknown["email"], unknown["phone"]) == (None, None)
