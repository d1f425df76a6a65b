"""How a raw body becomes JSON, plain words or an address fit for logs."""

import pytest

from crossdock.connectors.replies import LONGEST_QUOTE, json_part, looks_like_html, place_of, store_words

NOTICE = b"<br />\n<b>Notice</b>: Undefined index [1] in {main} on line <b>3</b><br />\n"


@pytest.mark.parametrize("json", [b'{"id": 1, "meta": [{}]}', b"[]", b'[{"a": "b"}]'])
def test_json_is_found_as_it_is_and_behind_notices(json: bytes) -> None:
    assert json_part(json) == json
    assert json_part(NOTICE + json) == json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"id": 1, "meta": [{"a": 1}',
        b"<html>{}</html>",
        b'[{"a": 1}, {"b"',
        NOTICE,
        NOTICE + b'{"meta": [{"a": 1}',
        b"\n[" * 5000,
    ],
)
def test_what_is_not_whole_json_is_none(body: bytes) -> None:
    assert json_part(body) is None


def test_words_of_a_store_are_plain_text() -> None:
    text = 'Already &amp; registered. <a href="#" class="showlogin">Please log in.</a><script>alert(1)</script>\x1b[31m'
    assert store_words(text) == "Already & registered. Please log in. [31m"
    assert "<" not in store_words("<img src=x onerror=alert(1)")
    assert len(store_words("word " * 1000)) == LONGEST_QUOTE


def test_an_address_loses_what_may_be_secret() -> None:
    place = place_of("https://ck_1:cs_2@shop.example/wp-json/wc/v3/customers?consumer_secret=cs_2&email=a@b.example#x")
    assert place == "https://shop.example/wp-json/wc/v3/customers"


def test_pages_for_people_are_recognised() -> None:
    assert looks_like_html(b"\n<!DOCTYPE html><html>", "application/json")
    assert looks_like_html(b"anything", "text/html; charset=UTF-8")
    assert not looks_like_html(b"<PostResponse/>", "application/xml")
