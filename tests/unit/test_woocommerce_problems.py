"""What WooCommerce's refusals are called, whatever language the shop speaks."""

import msgspec
import pytest

from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.config import WooCommerceConfig
from crossdock.connectors.woocommerce.customers.pace import FIRST, LARGEST, BatchPace
from crossdock.connectors.woocommerce.customers.refusals import outcome_of
from crossdock.connectors.woocommerce.customers.wire import WireError
from crossdock.connectors.woocommerce.problems import error_of
from crossdock.connectors.woocommerce.transport import SiteIndex
from crossdock.domain.errors import ConfigurationError, CrossdockError, RecordRejectedError
from crossdock.domain.plan import NotSent, Refused, Unknown

AUTH = "woocommerce_rest_authentication_error"


def reply(status: int, code: str = "", message: str = "") -> Reply:
    body = msgspec.json.encode({"code": code, "message": message, "data": {"status": status}})
    is_json = bool(code)
    return Reply(status, {}, body if is_json else b"<html>", "POST https://shop.example/wp-json/", is_json)


@pytest.mark.parametrize(
    ("answer", "is_write", "has_read", "code"),
    [
        (reply(401, "woocommerce_rest_cannot_view", "x"), False, False, "key_invalid"),
        (reply(401, AUTH, "Consumer secret is invalid."), False, False, "key_invalid"),
        (reply(401, AUTH, "The API key provided does not have write permissions."), True, False, "key_read_only"),
        (reply(401, AUTH, "Der API-Schlüssel hat keine Schreibrechte."), True, True, "key_read_only"),
        (reply(401, AUTH, "The API key provided does not have read permissions."), False, False, "key_write_only"),
        (reply(401, AUTH, "Invalid timestamp."), False, False, "clock_differs"),
        (reply(401), False, False, "site_password_protected"),
        (reply(403, "woocommerce_rest_cannot_batch"), True, True, "key_not_administrator"),
        (reply(403, "rest_forbidden"), False, False, "access_forbidden"),
        (reply(404, "rest_no_route"), False, False, "store_not_woocommerce"),
        (reply(404), False, False, "store_not_woocommerce"),
        (reply(405), True, True, "method_blocked"),
        (reply(413), True, True, "request_too_large"),
        (reply(400, "rest_invalid_json"), True, True, "unexpected_answer"),
    ],
)
def test_each_refusal_of_a_request_has_its_own_code(answer: Reply, is_write: bool, has_read: bool, code: str) -> None:  # noqa: FBT001
    error = error_of(answer, is_write=is_write, has_read=has_read)
    assert isinstance(error, CrossdockError)
    assert error.code == code
    assert error.message


def item(code: str, status: int = 400, message: str = "No. <a href='#'>Log in.</a>") -> WireError:
    return WireError(code, message, msgspec.Raw(msgspec.json.encode({"status": status})))


def test_a_refused_customer_carries_the_stores_words_as_text() -> None:
    outcome = outcome_of(item("some_plugins_code"))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RecordRejectedError)
    assert outcome.error.code == "store_refused"
    assert outcome.error.message.endswith("No. Log in.")


def test_a_shop_that_wants_passwords_stops_the_run_and_a_failure_is_unknown() -> None:
    outcome = outcome_of(item("registration-error-missing-password"))
    assert isinstance(outcome, NotSent)
    assert isinstance(outcome.error, ConfigurationError)
    assert isinstance(outcome_of(item("internal_server_error", 500)), Unknown)


def test_batches_grow_while_quick_and_halve_when_slow() -> None:
    pace = BatchPace()
    assert pace.size == FIRST
    for _ in range(20):
        pace.answered(pace.size, 1.0)
    assert pace.size == LARGEST
    pace.answered(pace.size, 16.0)
    assert pace.size == LARGEST // 2
    for _ in range(9):
        pace.halve()
    assert pace.size == 1


@pytest.mark.parametrize("seconds_each", [0.1, 1.0])
def test_no_batch_takes_longer_than_hosts_allow(seconds_each: float) -> None:
    pace = BatchPace()
    for _ in range(50):
        seconds = pace.size * seconds_each
        assert seconds <= 15
        pace.answered(pace.size, seconds)


@pytest.mark.parametrize(
    ("offset", "zone", "shown"),
    [
        (3, "Europe/Istanbul", "Europe/Istanbul"),
        (5.5, "", "+05:30"),
        (-3.5, "", "-03:30"),
        (0, "", "UTC"),
        ("2", None, "+02:00"),
    ],
)
def test_the_time_zone_is_a_name_or_an_offset(offset: float | str, zone: str | None, shown: str) -> None:
    assert SiteIndex("https://shop.example", gmt_offset=offset, timezone_string=zone).time_zone == shown


@pytest.mark.parametrize(
    ("home", "key"),
    [
        ("https://www.Shop.example/", "shop.example"),
        ("http://shop.example/Blog/", "shop.example/Blog"),
        ("http://127.0.0.1:8080/pair-1/woocommerce", "127.0.0.1:8080/pair-1/woocommerce"),
    ],
)
def test_the_store_key_is_host_and_path(home: str, key: str) -> None:
    assert SiteIndex(home).store_key == key


def test_a_configuration_hides_its_secrets() -> None:
    config = WooCommerceConfig("https://shop.example.com", "ck_1", "cs_2")
    assert "ck_1" not in repr(config)
    assert "cs_2" not in repr(config)
    with pytest.raises(ConfigurationError):
        WooCommerceConfig("shop.example.com", "ck_1", "cs_2")
