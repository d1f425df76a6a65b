"""Customers between WooCommerce's JSON and the domain, without a store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.woocommerce.customers.mapping import (
    changed_fields,
    customer_from_wire,
    losses_of,
    payload_of,
)
from crossdock.connectors.woocommerce.customers.wire import WireCustomer, customer_of
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker

MARKER = Marker("shopify", "harbour-books.myshopify.com", "customer", "gid://shopify/Customer/7")
MILL = Address("Ada", "Byron", "Engines", "1 Mill Street", "", "Bath", "", "BA1 1AA", "GB", "+44 1225 000001")
QUAY = replace(MILL, address1="2 Quay", phone="")


def raw(**fields: Any) -> msgspec.Raw:  # noqa: ANN401 - any JSON
    return msgspec.Raw(msgspec.json.encode({"id": 7, "email": "ada@example.com", **fields}))


def wire(**fields: Any) -> WireCustomer:  # noqa: ANN401 - any JSON
    decoded = customer_of(raw(**fields))
    assert isinstance(decoded, WireCustomer)
    return decoded


def test_a_customer_is_mapped_with_decoded_names_utc_times_and_distinct_addresses() -> None:
    billing = {"address_1": "1 Mill Street", "city": "Bath", "country": "gb", "phone": "", "email": "b@example.com"}
    customer = customer_from_wire(
        wire(
            first_name="Smith &amp; Sons",
            last_name=None,
            role="customer",
            date_created_gmt="2026-11-22T11:32:15",
            billing=billing,
            shipping={**billing, "address_1": "1 MILL street", "phone": "01225 1"},
            is_paying_customer=True,
            meta_data=[
                {"id": 1, "key": "_crossdock_source_id", "value": str(MARKER)},
                {"id": 2, "key": "x", "value": {}},
            ],
        )
    )
    assert (customer.id, customer.email, customer.first_name, customer.last_name) == (
        "7",
        "ada@example.com",
        "Smith & Sons",
        "",
    )
    assert customer.created_at == datetime(2026, 11, 22, 11, 32, 15, tzinfo=UTC)
    assert [address.country_code for address in customer.addresses] == ["GB"]
    assert (customer.phone, customer.role, customer.has_past_order) == ("01225 1", "customer", True)
    assert customer.marker == str(MARKER)


def test_free_text_for_a_country_is_no_country_code() -> None:
    customer = customer_from_wire(wire(billing={"address_1": "1 Mill", "country": "England"}))
    assert customer.addresses[0].country_code == ""


def test_nothing_but_our_own_meta_is_kept() -> None:
    customer = customer_from_wire(wire(meta_data=[{"id": 1, "key": "_application_passwords", "value": "$P$Bhash"}]))
    assert "hash" not in repr(customer)
    assert customer_from_wire(wire(meta_data=["odd", {"key": "_crossdock_source_id", "value": 5}])).marker == ""


@pytest.mark.parametrize(
    "fields", [{"email": 5}, {"billing": []}, {"billing": {"postcode": 10115}}, {"date_created_gmt": "soon"}]
)
def test_a_record_that_does_not_fit_is_named_by_its_id_and_shows_no_value(fields: dict[str, Any]) -> None:
    unreadable = customer_of(raw(first_name="Ada", **fields))
    assert isinstance(unreadable, UnreadableRecord)
    assert unreadable.id == "7"
    assert "Ada" not in unreadable.reason
    assert "10115" not in unreadable.reason


def test_a_record_without_an_id_is_still_reported() -> None:
    assert customer_of(msgspec.Raw(b'{"email": "ada@example.com"}')) == UnreadableRecord(
        "", "Object missing required field `id`"
    )


def test_the_payload_holds_what_woocommerce_takes_and_no_more() -> None:
    customer = Customer(
        "1", "Ada@Example.com", "Ada", "Byron", phone="+44 1225 000009", addresses=(MILL, QUAY), role="administrator"
    )
    payload = payload_of(customer, MARKER)
    assert payload == {
        "email": "Ada@Example.com",
        "first_name": "Ada",
        "last_name": "Byron",
        "meta_data": [{"key": "_crossdock_source_id", "value": str(MARKER)}],
        "billing": {
            "first_name": "Ada",
            "last_name": "Byron",
            "company": "Engines",
            "address_1": "1 Mill Street",
            "city": "Bath",
            "postcode": "BA1 1AA",
            "country": "GB",
            "phone": "+44 1225 000009",
            "email": "Ada@Example.com",
        },
        "shipping": {
            "first_name": "Ada",
            "last_name": "Byron",
            "company": "Engines",
            "address_1": "2 Quay",
            "city": "Bath",
            "postcode": "BA1 1AA",
            "country": "GB",
        },
    }


def test_one_address_serves_twice_and_none_leaves_the_phone() -> None:
    one = Customer("1", "ada@example.com", addresses=(MILL,))
    assert payload_of(one, MARKER)["shipping"]["phone"] == MILL.phone
    bare = payload_of(Customer("1", "ada@example.com", phone="1"), MARKER)
    assert bare["billing"] == {"phone": "1", "email": "ada@example.com"}
    assert "shipping" not in bare


def test_an_international_domain_is_written_in_ascii() -> None:
    payload = payload_of(Customer("1", " Ada@müller.example "), MARKER)
    assert payload["email"] == payload["billing"]["email"] == "Ada@xn--mller-kva.example"


def test_what_can_not_be_held_is_told() -> None:
    plain = Customer("1", "ada@example.com", phone="1", addresses=(MILL,))
    assert losses_of(plain) == ()
    rich = replace(
        plain,
        addresses=(MILL, QUAY, replace(MILL, address1="3 Lane")),
        tags=("vip",),
        note="n",
        locale="en",
        is_tax_exempt=True,
        email_consent=EmailConsent(ConsentState.UNSUBSCRIBED),
    )
    assert {reason.code for reason in losses_of(rich)} == {
        "tags_not_held",
        "note_not_held",
        "locale_not_held",
        "tax_exemption_not_held",
        "consent_not_held",
        "addresses_not_held",
        "address_phone_not_held",
    }


def test_only_differences_in_meaning_are_changes() -> None:
    payload = payload_of(Customer("1", "ada@example.com", "A & B\\", "<b>Byron</b>", addresses=(MILL,)), MARKER)
    held = {**payload["billing"], "address_1": "1  MILL Street"}
    fields = {"first_name": "A &amp; B", "last_name": "Byron", "shipping": payload["shipping"]}
    assert changed_fields(payload, wire(billing=held, **fields)) == []
    held["city"] = "Bristol"
    assert changed_fields(payload, wire(billing=held, **fields)) == ["billing city"]


@pytest.mark.parametrize(
    "email", ["a.b+c@example.com", "admin@shop.test", "o'neil@shop.local", "x_y@a-b.example.co", "!#$%@example.com"]
)
def test_addresses_that_wordpress_takes_are_sent_as_they_are(email: str) -> None:
    assert payload_of(Customer("1", email), MARKER)["email"] == email


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "email_missing"),
        ("zz", "email_invalid"),
        ("a@b", "email_invalid"),
        ("a b@example.com", "email_invalid"),
        ("ä@example.com", "email_invalid"),
        ("a@exa_mple.com", "email_invalid"),
        ("a@-example.com", "email_invalid"),
        ("a@example..com", "email_invalid"),
        ("a@b.example, c@d.example", "email_invalid"),
        (f"{'a' * 60}@{'b' * 40}.example", "email_too_long"),
    ],
)
def test_addresses_that_wordpress_refuses_are_not_sent(email: str, code: str) -> None:
    with pytest.raises(UnmappableValueError) as caught:
        payload_of(Customer("1", email), MARKER)
    assert caught.value.code == code
