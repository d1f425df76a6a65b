"""Keys are idempotent and ignore what they promise to ignore."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.identity import Marker, email_key, marker_prefix, name_phone_key, phone_key, text_key

_LOCAL = st.text(alphabet=string.ascii_letters + string.digits + "._+-é", min_size=1, max_size=20)
_DOMAIN = st.sampled_from(["example.com", "Example.ORG", "bücher.example", "xn--bcher-kva.example", "MAIL.example.net"])


@given(st.text(max_size=60))
def test_email_key_is_idempotent(text: str) -> None:
    key = email_key(text)
    assert key is None or email_key(key) == key


@given(st.text(max_size=60))
def test_text_key_is_idempotent(text: str) -> None:
    key = text_key(text)
    assert key is None or text_key(key) == key


@given(_LOCAL, _DOMAIN)
def test_email_key_ignores_case_space_and_composition(local: str, domain: str) -> None:
    plain = f"{local}@{domain}"
    assert (
        email_key(f"  {plain.upper()}\t") == email_key(plain.lower()) == email_key(unicodedata.normalize("NFD", plain))
    )


def test_email_key_writes_international_domains_one_way() -> None:
    assert email_key("Ada@Bücher.example") == email_key("ada@xn--bcher-kva.EXAMPLE") == "ada@xn--bcher-kva.example"


def test_email_key_folds_no_dots_no_plus_and_no_sharp_s() -> None:
    assert email_key("a.da+news@example.com") == "a.da+news@example.com"
    assert email_key("straße@example.com") != email_key("strasse@example.com")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\t"])
def test_blank_identifies_nobody(blank: str) -> None:
    assert email_key(blank) is None
    assert text_key(blank) is None
    assert phone_key(blank, "US") is None


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("Ben &amp; Jo", "Ben & Jo"),
        ("O'Neilx", "O'Neil\\x"),
        ("Ada", "<b>Ada</b>"),
        ("\uff21\uff24\uff21  ", "ada"),
        ("Zoe\u0301", "ZOÉ"),
    ],
)
def test_text_key_reads_through_what_a_store_does_to_names(stored: str, written: str) -> None:
    assert text_key(stored) == text_key(written)


@pytest.mark.parametrize(
    "phone", ["+1 613 450 5293", "(613) 450-5293", "613.450.5293", "+16134505293 ext. 15", "1-613-450-5293"]
)
def test_phone_key_is_e164_whatever_the_form(phone: str) -> None:
    assert phone_key(phone, "CA") == "+16134505293"


@pytest.mark.parametrize("phone", ["n/a", "12", "=1+1", "\u260e"])
def test_an_unparsable_phone_is_never_a_key(phone: str) -> None:
    assert phone_key(phone, "GB") is None


def test_name_and_phone_need_all_three() -> None:
    assert name_phone_key("Ada", "Byron", "613 450 5293", "CA") == name_phone_key("ADA", "byron ", "+16134505293", "")
    assert name_phone_key("", "Byron", "613 450 5293", "CA") is None
    assert name_phone_key("Ada", "Byron", "none", "CA") is None


@given(st.text(min_size=1, max_size=30))
def test_a_marker_begins_with_its_store_s_prefix_and_ends_with_the_id(source_id: str) -> None:
    marker = Marker("woocommerce", "shop.example.com:8080/de", "customer", source_id)
    prefix = marker_prefix("woocommerce", "shop.example.com:8080/de", "customer")
    assert str(marker) == prefix + source_id
