"""What may be logged: nothing that opens a store, nothing that names a person, nothing that forges a line."""

import asyncio
import io
import json
import logging
from collections.abc import Generator
from typing import Any, cast

import pytest
import structlog

from crossdock.logs import REDACTED, configure_logging, is_sensitive_name, log_context, redact, redact_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    yield from _configured(io.StringIO())


@pytest.fixture
def terminal() -> Generator[io.StringIO]:
    yield from _configured(Terminal())


def _configured(stream: io.StringIO) -> Generator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging(stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], level = before
    root.setLevel(level)


def _records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [cast("dict[str, Any]", json.loads(line)) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "secret",
    [
        "ada.lovelace+shop@example.com",
        "ada%40example.com",
        "user@bücher.example",
        "+44 20 7946 0958",
        "+12025550143",
        "(202) 555-0143",
        "202-555-0143",
        "ck_0123456789abcdef0123456789abcdef01234567",
        "cs_0123456789abcdef",
        "shpat_0123456789abcdef0123456789abcdef",
        "shpss_0123456789abcdef",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "the store said: {}.", '{{"note": "{}"}}', "a={}&b=1", "<p>{}</p>", "({})"])
def test_a_secret_or_personal_value_is_cut_out_of_any_text(secret: str, frame: str) -> None:
    cleaned = redact_text(frame.format(secret))
    assert secret not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET /wp-json/wc/v3/customers?oauth_signature=Zm9vYmFy%3D&page=2", "Zm9vYmFy"),
        ("?consumer_key=abcdef&consumer_secret=ghijkl", "ghijkl"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ('{"access_token": "5f4dcc3b5aa7"}', "5f4dcc3b5aa7"),
        ("{'client_secret': '5f4dcc3b5aa7'}", "5f4dcc3b5aa7"),
        ("X-Shopify-Access-Token: 5f4dcc3b5aa7", "5f4dcc3b5aa7"),
        ("result.jsonl?X-Goog-Signature=5f4dcc3b5aa7&x=1", "5f4dcc3b5aa7"),
        ("postgresql://crossdock:hunter2@db.example.com/crossdock", "hunter2"),
        ("https://user:pa55@store.example.com/", "pa55"),
    ],
)
def test_a_credential_is_known_by_what_stands_before_it(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "read 12345 of 1000000 customers in 12.5 s",
        "gid://shopify/Customer/7211234567890",
        "2026-01-15T10:30:00.123456Z",
        "2026-01-15 10:30:00",
        "127.0.0.1:8000 and 192.168.100.200",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "GET /wp-json/wc/v3/customers?page=2&per_page=100",
        "customers/reader.py, line 120, in read",
        "99.99 USD, 1,234.50 EUR",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "accessToken", "consumer_key", "oauth_nonce", "password", "PASSWORD", "Authorization"),
        *("email", "customerEmail", "phone", "first_name", "lastName", "match_key", "billing"),
        "X-Shopify-Access-Token",
    ],
)
def test_a_sensitive_name_is_known_in_any_spelling(name: str) -> None:
    assert is_sensitive_name(name)


@pytest.mark.parametrize("name", ["event", "run_id", "store", "monkey", "count", "mailbox_size", "url", "platform", ""])
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    assert not is_sensitive_name(name)


def test_a_value_is_redacted_at_any_depth_and_keeps_its_shape() -> None:
    value = {"customer": {"id": 7, "email": "ada@example.com"}, "notes": ["call +12025550143", b"ada@example.com"]}
    assert redact(value) == {
        "customer": {"id": 7, "email": REDACTED},
        "notes": [f"call {REDACTED}", REDACTED],
    }


def test_whether_a_secret_is_there_may_be_told() -> None:
    assert redact({"token": None, "has_password": True, "count": 3}) == {
        "token": None,
        "has_password": True,
        "count": 3,
    }


def test_a_value_that_contains_itself_ends() -> None:
    value: list[object] = []
    value.append(value)
    assert "…" in str(redact(value))


def test_a_pipe_gets_one_json_object_a_line_with_its_run_and_store(stream: io.StringIO) -> None:
    with log_context(run_id="r1", store="shopify"):
        structlog.get_logger().info("customers read", count=3)
    structlog.get_logger().info("after")
    first, second = _records(stream)
    assert {**first, "timestamp": ""} == {
        "event": "customers read",
        "count": 3,
        "run_id": "r1",
        "store": "shopify",
        "level": "info",
        "timestamp": "",
    }
    assert "run_id" not in second


async def test_the_context_reaches_worker_threads(stream: io.StringIO) -> None:
    with log_context(run_id="r2"):
        await asyncio.to_thread(structlog.get_logger().info, "in a thread")
    assert _records(stream)[0]["run_id"] == "r2"


def test_an_exception_keeps_its_trace_but_not_what_it_quotes(stream: io.StringIO) -> None:
    try:
        raise LookupError("ada@example.com has token=shpat_0123456789abcdef")
    except LookupError:
        structlog.get_logger().exception("failed")
    (record,) = _records(stream)
    assert "LookupError" in record["exception"]
    assert "\n" in record["exception"]
    assert "shpat_0123456789abcdef" not in stream.getvalue()
    assert "ada@example.com" not in stream.getvalue()


def test_a_library_record_is_redacted_like_ours(stream: io.StringIO) -> None:
    try:
        raise OSError("no +12025550143")
    except OSError:
        logging.getLogger("some.library").exception("login of %s failed", "ada@example.com")
    (record,) = _records(stream)
    assert record["event"] == f"login of {REDACTED} failed"
    assert record["level"] == "error"
    assert "2025550143" not in stream.getvalue()


def test_the_record_that_other_handlers_see_is_redacted_too(
    stream: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    structlog.get_logger().info("for ada@example.com", token="abc")
    assert stream.getvalue()
    assert "ada@example.com" not in caplog.text
    assert "abc" not in caplog.text


def test_a_client_library_does_not_announce_its_requests(stream: io.StringIO) -> None:
    logging.getLogger("httpx2").info("HTTP Request: GET https://store.example.com/")
    assert stream.getvalue() == ""


def test_hostile_text_stays_one_line_and_paints_nothing(terminal: io.StringIO) -> None:
    structlog.get_logger().info("said \x1b[2Jhello\nINFO forged", title="a\r\nb\u202ec")
    text = terminal.getvalue()
    assert text.count("\n") == 1
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert "INFO forged" in text


def test_a_terminal_gets_a_readable_line(terminal: io.StringIO) -> None:
    structlog.get_logger().warning("slow", count=3)
    assert not terminal.getvalue().startswith("{")
    assert "slow" in terminal.getvalue()


def test_a_second_set_up_replaces_the_first(stream: io.StringIO) -> None:
    second = io.StringIO()
    configure_logging("warning", second)
    structlog.get_logger().info("unheard")
    structlog.get_logger().warning("heard")
    assert stream.getvalue() == ""
    assert [record["event"] for record in _records(second)] == ["heard"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="'LOUD'"):
        configure_logging("LOUD")


def test_hostile_text_costs_linear_time() -> None:
    long = "a" * 50_000 + "1 " * 20_000 + "token" * 5_000 + "+1" * 5_000
    assert len(redact_text(long)) > 100_000
