"""Customers between Shopify's form and ours: pure, both ways."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.mapping import losses, to_customer, to_input
from crossdock.connectors.shopify.customers.regions import shopify_region
from crossdock.connectors.shopify.customers.verification import changed_by_store
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Level

MARKER = Marker("woocommerce", "shop.example.com", "customer", "7")
NOW = datetime(2026, 10, 20, 9, 30, tzinfo=UTC)
QUAY = Address(address1="1 Quay St", city="Cork", province_code="CO", postcode="T12 X8P9", country_code="IE")


def planned(record: Customer, region: str = "IE") -> dict[str, Any]:
    """Give the JSON that would be sent."""
    return msgspec.json.decode(msgspec.json.encode(to_input(record, MARKER, region=region, latest=NOW)))


def codes(record: Customer, region: str = "IE") -> list[str]:
    return [reason.code for reason in losses(record, region=region)]


def test_a_full_customer_is_sent_in_shopifys_words() -> None:
    record = Customer(
        id="7",
        email=" Ada@example.com",
        first_name="Ada",
        last_name="Byrne",
        phone="086 123 4567",
        addresses=(QUAY,),
        tags=("vip", "VIP", " new "),
        note="Rings twice.",
        locale="en_IE",
        is_tax_exempt=True,
        email_consent=EmailConsent(ConsentState.SUBSCRIBED, "single_opt_in", datetime(2024, 3, 1, 10, tzinfo=UTC)),
    )
    assert planned(record) == {
        "email": "Ada@example.com",
        "firstName": "Ada",
        "lastName": "Byrne",
        "phone": "+353861234567",
        "locale": "en-IE",
        "note": "Rings twice.",
        "tags": ["vip", "new"],
        "taxExempt": True,
        "addresses": [
            {"address1": "1 Quay St", "city": "Cork", "provinceCode": "CO", "zip": "T12 X8P9", "countryCode": "IE"}
        ],
        "emailMarketingConsent": {
            "marketingState": "SUBSCRIBED",
            "marketingOptInLevel": "SINGLE_OPT_IN",
            "consentUpdatedAt": "2024-03-01T10:00:00Z",
        },
        "metafields": [
            {
                "namespace": "crossdock",
                "key": "source_id",
                "type": "id",
                "value": "woocommerce:shop.example.com:customer:7",
            }
        ],
    }
    assert codes(record) == []


def test_what_is_empty_is_not_sent() -> None:
    assert set(planned(Customer(id="7", email="ada@example.com"))) == {"email", "metafields"}


def test_a_number_that_is_none_stays_on_the_address() -> None:
    record = Customer(id="7", email="ada@example.com", phone="call me", addresses=(QUAY,))
    sent = planned(record)
    assert "phone" not in sent
    assert sent["addresses"][0]["phone"] == "call me"
    assert codes(record) == ["phone_invalid"]


def test_the_country_of_the_customer_reads_a_national_number_before_the_shops() -> None:
    record = Customer(id="7", phone="030 901820", addresses=(Address(city="Berlin", country_code="DE"),))
    assert planned(record, region="US")["phone"] == "+4930901820"


@pytest.mark.parametrize("state", [ConsentState.PENDING, ConsentState.NOT_SUBSCRIBED])
def test_a_consent_that_was_not_given_is_never_sent(state: ConsentState) -> None:
    record = Customer(id="7", email="ada@example.com", email_consent=EmailConsent(state))
    assert "emailMarketingConsent" not in planned(record)
    assert codes(record) == (["consent_pending"] if state is ConsentState.PENDING else [])


def test_a_consent_from_the_future_is_dated_now() -> None:
    consent = EmailConsent(ConsentState.UNSUBSCRIBED, "", datetime(2030, 1, 1, tzinfo=UTC))
    sent = planned(Customer(id="7", email="ada@example.com", email_consent=consent))
    assert sent["emailMarketingConsent"] == {
        "marketingState": "UNSUBSCRIBED",
        "consentUpdatedAt": "2026-10-20T09:30:00Z",
    }


def test_a_consent_needs_an_e_mail_address() -> None:
    consent = EmailConsent(ConsentState.SUBSCRIBED)
    assert "emailMarketingConsent" not in planned(Customer(id="7", first_name="Ada", email_consent=consent))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (Customer(id="7", first_name=" ", phone="none"), "no_identity"),
        (Customer(id="7", first_name="A" * 256), "name_too_long"),
        (Customer(id="7", email="a" * 250 + "@example.com"), "email_too_long"),
    ],
)
def test_a_customer_that_shopify_can_not_hold_is_refused_before_it_is_sent(record: Customer, code: str) -> None:
    with pytest.raises(UnmappableValueError) as raised:
        planned(record)
    assert raised.value.code == code


def test_what_is_too_long_is_cut_and_said() -> None:
    record = Customer(id="7", email="ada@example.com", note="n" * 5001, tags=("t" * 256, "kept"))
    sent = planned(record)
    assert len(sent["note"]) == 5000
    assert sent["tags"] == ["kept"]
    assert codes(record) == ["note_cut", "tags_cut"]


@pytest.mark.parametrize(
    ("country", "province", "expected"),
    [
        ("DE", "DE-BE", ("DE", "")),
        ("JP", "JP13", ("JP", "JP-13")),
        ("JP", "JP-13", ("JP", "JP-13")),
        ("PT", "PT-11", ("PT", "PT-11")),
        ("CL", "CL-RM", ("CL", "RM")),
        ("us", "ca", ("US", "CA")),
        ("PR", "", ("US", "PR")),
        ("GB", "Kent", ("GB", "")),
        ("IN", "Maharashtra", ("IN", "")),
        ("HK", "KOWLOON", ("HK", "KL")),
        ("UK", "Kent", ("GB", "")),
        (" el ", "", ("GR", "")),
        ("XK", "", ("XK", "")),
        ("AQ", "", ("", "")),
        ("XX", "XX", ("", "")),
        ("ZZ", "", ("", "")),
        ("Ireland", "CO", ("", "")),
        ("", "", ("", "")),
    ],
)
def test_regions_are_sent_in_the_codes_that_shopify_knows(
    country: str, province: str, expected: tuple[str, str]
) -> None:
    assert shopify_region(country, province) == expected


def test_a_region_that_is_left_out_is_said() -> None:
    berlin = Address(city="Berlin", country_code="DE", province_code="DE-BE")
    pole = Address(city="Station", country_code="AQ")
    assert codes(Customer(id="7", email="a@example.com", addresses=(berlin, pole))) == [
        "country_unknown",
        "province_unknown",
    ]


def test_an_address_in_no_country_of_shopifys_is_left_out_and_told_by_its_code_only() -> None:
    nowhere = Address(address1="1 Quay St", city="Cork", country_code="xx")
    typed = Address(city="Cork", country_code="Ada Byrne, Ireland")
    record = Customer(id="7", email="ada@example.com", addresses=(nowhere, typed, QUAY))
    assert [address["address1"] for address in planned(record)["addresses"]] == ["1 Quay St"]
    assert planned(record)["addresses"][0]["countryCode"] == "IE"
    reasons = losses(record, region="IE")
    assert [(reason.code, reason.level) for reason in reasons] == [("country_unknown", Level.WARNING)]
    assert "(not a code, XX)" in reasons[0].message
    assert "Cork" not in reasons[0].message


def test_a_country_code_in_wide_use_is_corrected_for_the_address_and_the_number() -> None:
    london = Address(city="London", country_code="UK")
    record = Customer(id="7", phone="020 7946 0958", addresses=(london,))
    sent = planned(record, region="US")
    assert (sent["addresses"][0]["countryCode"], sent["phone"]) == ("GB", "+442079460958")
    assert [(reason.code, reason.level) for reason in losses(record, region="US")] == [
        ("country_corrected", Level.INFO)
    ]


def node(**fields: object) -> wire.Customer:
    return msgspec.convert({"id": "gid://shopify/Customer/9", **fields}, wire.Customer, strict=False)


def test_a_customer_is_read_with_the_default_address_first_and_once() -> None:
    home = {"address1": "1 Quay St", "city": "Cork", "countryCodeV2": "IE", "zip": "T12 X8P9", "phone": "086 1"}
    work = {"address1": "2 Mall", "city": "Cork", "countryCodeV2": "IE"}
    found = to_customer(
        node(
            firstName="Ada",
            numberOfOrders="13",
            createdAt="2025-03-26T19:51:37Z",
            defaultEmailAddress={"emailAddress": "ada@example.com", "marketingState": "SUBSCRIBED"},
            defaultAddress=home,
            addressesV2={"nodes": [work, home]},
            metafield={"value": "woocommerce:shop.example.com:customer:7"},
        )
    )
    assert [address.address1 for address in found.addresses] == ["1 Quay St", "2 Mall"]
    assert found.email == "ada@example.com"
    assert found.phone == "086 1"
    assert found.order_count == 13
    assert found.has_past_order
    assert found.created_at == datetime(2025, 3, 26, 19, 51, 37, tzinfo=UTC)
    assert found.email_consent == EmailConsent(ConsentState.SUBSCRIBED)
    assert found.marker == str(MARKER)


def test_nulls_are_empty_text_and_unknown_words_no_consent() -> None:
    found = to_customer(
        node(
            firstName=None,
            note=None,
            defaultPhoneNumber=None,
            defaultAddress=None,
            defaultEmailAddress={"emailAddress": "ada@example.com", "marketingState": "LATER_WORD"},
        )
    )
    assert (found.first_name, found.note, found.phone, found.addresses) == ("", "", "", ())
    assert found.email_consent is None


TEXT = st.text(max_size=30)
ADDRESSES = st.builds(
    Address, address1=TEXT, city=TEXT, postcode=TEXT, country_code=st.sampled_from(["", "DE", "US", "IE", "AQ"])
)
CUSTOMERS = st.builds(
    Customer,
    id=st.just("7"),
    email=st.sampled_from(["ada@example.com", "Zoë@example.org"]),
    first_name=TEXT,
    last_name=TEXT,
    phone=TEXT,
    note=TEXT,
    tags=st.lists(TEXT, max_size=4).map(tuple),
    addresses=st.lists(ADDRESSES, max_size=3).map(tuple),
)


@given(CUSTOMERS)
def test_a_plan_is_the_same_each_time_and_reads_back_as_sent(record: Customer) -> None:
    sent = to_input(record, MARKER, region="IE", latest=NOW)
    assert sent == to_input(record, MARKER, region="IE", latest=NOW)
    again = msgspec.json.decode(msgspec.json.encode(sent), type=wire.CustomerInput)
    assert again == sent
    stored = to_customer(
        node(
            firstName=sent.first_name or None,
            lastName=sent.last_name or None,
            note=sent.note,
            tags=[part.strip() for tag in sent.tags for part in tag.split(",") if part.strip()],
            defaultEmailAddress={"emailAddress": sent.email.lower()},
            defaultPhoneNumber={"phoneNumber": sent.phone} if sent.phone else None,
            addressesV2={
                "nodes": [
                    {**msgspec.to_builtins(address), "countryCodeV2": address.country_code or None}
                    for address in sent.addresses
                ]
            },
            metafield={"value": str(MARKER)},
        )
    )
    assert changed_by_store(sent, stored, MARKER) == ()


def test_what_the_store_changed_is_told_by_name() -> None:
    sent = to_input(Customer(id="7", email="ada@example.com", phone="086 123 4567"), MARKER, region="IE", latest=NOW)
    found = Customer(id="gid://shopify/Customer/9", email="ada@example.com", first_name="Eve")
    reasons = changed_by_store(sent, found, MARKER)
    assert [reason.code for reason in reasons] == ["field_changed_by_store", "marker_changed"]
    assert "first name, telephone" in reasons[0].message
    rest = changed_by_store(sent, found, MARKER, explained=frozenset({"telephone"}))
    assert "first name." in rest[0].message
