"""What Shopify's words on a refused customer lead to."""

import msgspec
import pytest

from crossdock.connectors.shopify.customers.verdicts import judge, remedied
from crossdock.connectors.shopify.customers.wire import AddressInput, ConsentInput, CustomerInput, UserError

HOME = AddressInput(address1="1 Quay St", province_code="XX", country_code="CA")
WORK = AddressInput(address1="2 Mall 😀", province_code="XX", country_code="IE")
SENT = CustomerInput(
    email="ada@example.com",
    phone="+353861234567",
    locale="xx",
    addresses=(HOME, WORK),
    email_marketing_consent=ConsentInput("SUBSCRIBED"),
)


def error(message: str, *field: str) -> UserError:
    return UserError(message, field or None)


def test_a_taken_number_is_left_off_and_kept_on_the_address() -> None:
    verdict = judge([error("Phone has already been taken", "phone")], SENT)
    changed = remedied(SENT, verdict)
    assert changed.phone == ""
    assert changed.addresses[0].phone == "+353861234567"
    assert [reason.code for reason in verdict.reasons] == ["phone_taken"]


def test_two_words_on_one_number_are_one_reason() -> None:
    verdict = judge(
        [error("Phone is too long (maximum is 255 characters)", "phone"), error("Phone is invalid", "phone")], SENT
    )
    assert [reason.code for reason in verdict.reasons] == ["phone_invalid"]


def test_a_province_goes_before_its_address() -> None:
    verdict = judge([error("Province is invalid", "addresses", "0", "province")], SENT)
    changed = remedied(SENT, verdict)
    assert changed.addresses == (AddressInput(address1="1 Quay St", country_code="CA"), WORK)
    assert [reason.code for reason in verdict.reasons] == ["province_refused"]


def test_a_refused_address_goes_alone_and_with_shopifys_words() -> None:
    verdict = judge(
        [
            error("Province is invalid", "addresses", "1", "province"),
            error("Address1 cannot contain emojis", "addresses", "1", "address1"),
        ],
        SENT,
    )
    assert remedied(SENT, verdict).addresses == (HOME,)
    assert [reason.code for reason in verdict.reasons] == ["address_refused"]
    assert "It says: Address1 cannot contain emojis" in verdict.reasons[0].message


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("firstName", "first_name"),
        ("lastName", "last_name"),
        ("company", "company"),
        ("address2", "address2"),
        ("phone", "phone"),
    ],
)
def test_a_part_that_locates_nobody_goes_alone_and_once(part: str, field: str) -> None:
    whole = AddressInput(
        address1="1 Quay St", first_name="a", last_name="b", company="c", address2="d", phone="e", country_code="IE"
    )
    sent = msgspec.structs.replace(SENT, addresses=(HOME, whole))
    errors = [error(f"{part} cannot contain {what}", "addresses", "1", part) for what in ("URL", "emojis")]
    verdict = judge(errors, sent)
    assert remedied(sent, verdict).addresses == (HOME, msgspec.structs.replace(whole, **{field: ""}))
    assert [reason.code for reason in verdict.reasons] == ["address_part_refused"]
    assert f"{part} cannot contain URL" in verdict.reasons[0].message


def test_an_address_refused_for_a_part_that_was_not_sent_goes_whole() -> None:
    verdict = judge([error("Last name cannot contain HTML tags", "addresses", "1", "lastName")], SENT)
    assert remedied(SENT, verdict).addresses == (HOME,)
    assert [reason.code for reason in verdict.reasons] == ["address_refused"]


def test_an_address_that_was_never_sent_can_not_be_left_out() -> None:
    assert judge([error("City cannot contain URL", "addresses", "2", "city")], SENT).refusal is not None


def test_all_that_can_be_remedied_is_remedied_at_once() -> None:
    verdict = judge(
        [
            error("Locale is invalid", "locale"),
            error("Phone is invalid", "phone"),
            error("Customer address cannot be blank.", "addresses", "0"),
            error("Marketing opt in level must exist", "emailMarketingConsent", "marketingOptInLevel"),
        ],
        SENT,
    )
    changed = remedied(SENT, verdict)
    assert (changed.locale, changed.phone, changed.email_marketing_consent) == ("", "", None)
    assert [address.address1 for address in changed.addresses] == ["2 Mall 😀"]
    assert {reason.code for reason in verdict.reasons} == {
        "locale_refused",
        "phone_invalid",
        "address_refused",
        "consent_refused",
    }


def test_what_ends_a_record_has_a_code_and_a_sentence() -> None:
    cases = {
        error("Email is invalid", "email"): "email_invalid",
        error("Email is too long (maximum is 255 characters)", "email"): "email_too_long",
        error("First name is too long (maximum is 255 characters)", "firstName"): "name_invalid",
        error("Note is too long (maximum is 5000 characters)", "note"): "note_invalid",
        error("A name, phone number, or email address must be present"): "no_identity",
        error("Something new", "somewhere"): "refused_by_store",
    }
    for given, code in cases.items():
        refusal = judge([given], SENT).refusal
        assert refusal is not None
        assert refusal.code == code
        assert refusal.message.endswith((".", "Something new"))


def test_shopifys_words_are_shown_as_text() -> None:
    refusal = judge([error("<b>No</b> <script>alert(1)</script>", "somewhere")], SENT).refusal
    assert refusal is not None
    assert "<" not in refusal.message


def test_taken_addresses_and_markers_are_looked_up_not_refused() -> None:
    verdict = judge(
        [error("Email has already been taken", "email"), error("Value has been taken", "metafields", "0")], SENT
    )
    assert verdict.is_email_taken
    assert verdict.is_marker_taken
    assert verdict.refusal is None


def test_nothing_to_remedy_changes_nothing() -> None:
    assert remedied(SENT, judge([], SENT)) == SENT
