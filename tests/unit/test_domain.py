"""Customers, kinds and counts: the small rules of the domain."""

from crossdock.domain.customer import Address, Customer, distinct_addresses
from crossdock.domain.difference import Counts
from crossdock.domain.imprint import changed_fields, imprint_of
from crossdock.domain.kinds import CUSTOMER, KindRegistry, RecordKind

_HOME = Address(address1="1 Pier Road", city="Harbour", postcode="AB1 2CD", country_code="GB", phone="020 7946 0958")


def test_an_address_without_a_place_is_blank_and_has_no_key() -> None:
    assert Address(first_name="Ada", phone="1").is_blank
    assert Address(first_name="Ada").key is None


def test_addresses_are_one_when_street_city_postcode_and_country_are() -> None:
    same = Address(address1="1  PIER road", city="harbour", postcode="ab12cd", country_code="gb", province_code="LND")
    other = Address(address1="2 Pier Road", city="Harbour", postcode="AB1 2CD", country_code="GB")
    assert distinct_addresses((Address(), _HOME, same, other)) == (_HOME, other)


def test_a_phone_is_read_in_the_country_of_the_address_else_of_the_store() -> None:
    assert Customer(id="1", phone="020 7946 0958", addresses=(_HOME,)).phone_key("US") == "+442079460958"
    assert Customer(id="1", phone="613 450 5293").phone_key("CA") == "+16134505293"


def test_tags_compare_as_a_folded_set() -> None:
    assert Customer(id="1", tags=("VIP", " b2b ", "vip")).tags_key() == Customer(id="2", tags=("B2B", "vip")).tags_key()


def test_keys_of_an_empty_customer() -> None:
    empty = Customer(id="1")
    assert (empty.email_key(), empty.phone_key("US"), empty.name_phone_key("US"), empty.address_key()) == (None,) * 4
    assert empty.name_key() == ""


def test_kinds_are_found_by_name_and_keep_their_order() -> None:
    product = RecordKind("product", "products")
    kinds = KindRegistry([CUSTOMER, product])
    assert list(kinds) == ["customer", "product"]
    assert kinds["product"] is product
    assert product.title == "Products"


def test_counts_add_up_only_when_nobody_is_lost() -> None:
    good = Counts(
        source_read=151, source_filtered=1, source=150, destination=120, matched=120, only_in_source=30,
        only_in_destination=0, duplicates=0, unmatchable=0, destination_duplicates=0, destination_unmatchable=0,
    )  # fmt: skip
    lost = Counts(
        source_read=151, source_filtered=1, source=150, destination=120, matched=119, only_in_source=30,
        only_in_destination=0, duplicates=0, unmatchable=0, destination_duplicates=0, destination_unmatchable=0,
    )  # fmt: skip
    assert good.add_up()
    assert not lost.add_up()


def test_an_imprint_names_the_fields_that_changed() -> None:
    then = imprint_of({"name": "Ada", "note": ""}, {"addresses": [_HOME]})
    assert changed_fields(then, imprint_of({"note": "", "name": "Ada"}, {"addresses": [_HOME]})) == []
    assert changed_fields(then, imprint_of({"name": "Eve", "note": None}, {"addresses": []})) == [
        "name",
        "note",
        "addresses",
    ]


def test_a_collection_of_an_imprint_may_grow_and_a_field_that_was_not_noted_is_not_compared() -> None:
    then = imprint_of({}, {"addresses": [_HOME]})
    more = imprint_of({"name": "Ada"}, {"addresses": [Address(address1="2 Pier Road"), _HOME]})
    assert changed_fields(then, more) == []
    assert changed_fields(more, then) == ["name", "addresses"]


def test_an_imprint_tells_nothing_of_what_it_was_taken_of() -> None:
    assert not {"Ada", "1 Pier Road"} & set(str(imprint_of({"name": "Ada"}, {"addresses": [_HOME]})).split("'"))
