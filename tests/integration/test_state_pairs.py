"""Pairs, connections, credentials and tokens, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from crossdock.domain.errors import InvalidRequestError, NotFoundError, StateError, StoreBusyError
from crossdock.state import Control, RunState, State, StoreConnection, StoredToken
from crossdock.state.secrets import SecretBox
from tests.support.state import Place, claimed, sync_spec

pytest_plugins = ("tests.support.state_fixtures",)

WOO = StoreConnection(
    "default", "woocommerce", {"url": "https://shop.example.com"}, "shop.example.com", {"name": "Shop"}
)
CREDENTIALS = {"consumer_key": "ck_invented", "consumer_secret": "cs_invented"}
TOKEN = StoredToken("token-invented", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC), ("read_customers",))


def test_the_default_pair_is_there_and_stays(state: State) -> None:
    assert state.pairs.names() == ["default"]
    with pytest.raises(InvalidRequestError):
        state.pairs.delete("default")


@pytest.mark.parametrize("name", ["", "A", "a b", "a" * 41, "ä", "a\n", "../x"])
def test_a_pair_needs_a_plain_name(state: State, name: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        state.pairs.create(name)
    assert (caught.value.code, caught.value.field) == ("pair_name_invalid", "pair")


def test_pairs_come_and_go_with_their_connections(state: State) -> None:
    state.pairs.create("b-2")
    state.pairs.create("a")
    assert state.pairs.names() == ["default", "a", "b-2"]
    with pytest.raises(InvalidRequestError):
        state.pairs.create("a")
    state.pairs.put_connection(replace(WOO, pair="a"), CREDENTIALS)
    state.pairs.delete("a")
    assert state.pairs.names() == ["default", "b-2"]
    assert state.pairs.connections() == []
    for missing in (
        lambda: state.pairs.delete("a"),
        lambda: state.pairs.connection("a", "shopify"),
        lambda: state.pairs.put_connection(replace(WOO, pair="a"), CREDENTIALS),
    ):
        with pytest.raises(NotFoundError):
            missing()


def test_a_connection_is_kept_and_its_credentials_are_given_apart(state: State) -> None:
    assert state.pairs.connection("default", "woocommerce") is None
    state.pairs.put_connection(WOO, CREDENTIALS)
    kept = state.pairs.connection("default", "woocommerce")
    assert kept is not None
    assert kept.updated_at is not None
    assert replace(kept, updated_at=None) == WOO
    assert state.pairs.credentials("default", "woocommerce") == CREDENTIALS
    state.pairs.put_connection(WOO, {"consumer_key": "new"})
    assert state.pairs.credentials("default", "woocommerce") == {"consumer_key": "new"}
    state.pairs.delete_connection("default", "woocommerce")
    state.pairs.delete_connection("default", "woocommerce")
    with pytest.raises(NotFoundError):
        state.pairs.credentials("default", "woocommerce")


def test_while_a_run_goes_on_only_the_way_to_the_same_store_changes(state: State) -> None:
    state.pairs.put_connection(WOO, CREDENTIALS)
    lease = claimed(state)
    state.pairs.put_connection(WOO, {"consumer_key": "renewed"})
    for refused in (
        lambda: state.pairs.put_connection(replace(WOO, store_key="other.example.com"), CREDENTIALS),
        lambda: state.pairs.delete_connection("default", "woocommerce"),
    ):
        with pytest.raises(StoreBusyError) as caught:
            refused()
        assert caught.value.run_id == lease.run_id
    state.runs.finish(lease, RunState.DONE)
    state.pairs.delete_connection("default", "woocommerce")


def test_a_pair_with_a_paused_run_stays(state: State) -> None:
    state.pairs.create("a")
    created = state.runs.create(replace(sync_spec(), pair="a")).run
    lease = state.runs.claim(created.id, "worker", 60)
    assert lease is not None
    state.runs.request_control(created.id, Control.PAUSE)
    assert state.runs.pause(lease)
    with pytest.raises(StoreBusyError):
        state.pairs.delete("a")


def test_a_token_is_kept_until_a_newer_one_comes(state: State) -> None:
    assert state.tokens.load("example.myshopify.com") is None
    state.tokens.save("example.myshopify.com", TOKEN)
    state.tokens.save("other.myshopify.com", TOKEN)
    assert state.tokens.load("example.myshopify.com") == TOKEN
    newer = replace(TOKEN, value="newer")
    state.tokens.save("example.myshopify.com", newer)
    assert state.tokens.load("example.myshopify.com") == newer
    assert state.tokens.load("other.myshopify.com") == TOKEN


def test_a_token_goes_with_the_last_connection_of_its_store(state: State) -> None:
    state.pairs.create("a")
    for pair in ("a", "default"):
        state.pairs.put_connection(replace(WOO, pair=pair), CREDENTIALS)
    state.tokens.save(WOO.store_key, TOKEN)
    state.pairs.delete_connection("default", "woocommerce")
    assert state.tokens.load(WOO.store_key) == TOKEN
    state.pairs.delete("a")
    assert state.tokens.load(WOO.store_key) is None


def test_secrets_lie_encrypted_and_show_nothing(state: State) -> None:
    state.pairs.put_connection(WOO, CREDENTIALS)
    state.tokens.save(WOO.store_key, TOKEN)
    with state.database.read() as connection:
        stored = str(connection.execute(text("SELECT * FROM connections")).all())
        stored += str(connection.execute(text("SELECT * FROM tokens")).all())
    shown = repr(state.secrets) + repr(TOKEN) + repr(state.tokens.load(WOO.store_key)) + repr(state)
    for secret in (*CREDENTIALS.values(), TOKEN.value):
        assert secret not in stored + shown


def test_another_key_opens_nothing_and_says_so(place: Place) -> None:
    first = place.open()
    first.pairs.put_connection(WOO, CREDENTIALS)
    first.close()
    assert (place.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    again = place.open()
    assert again.pairs.credentials("default", "woocommerce") == CREDENTIALS
    again.close()
    (place.data_dir / "secret.key").unlink()
    other = place.open()
    try:
        assert other.pairs.connection("default", "woocommerce") is not None
        with pytest.raises(StateError) as caught:
            other.pairs.credentials("default", "woocommerce")
    finally:
        other.close()
    assert caught.value.code == "secret_key_wrong"
    assert "ck_invented" not in str(caught.value.args)


def test_a_given_key_is_used_and_leaves_no_file(place: Place) -> None:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    box = SecretBox.open(place.data_dir, key)
    assert SecretBox.open(place.data_dir, key).decrypt(box.encrypt({"a": "ü"})) == {"a": "ü"}
    assert not (place.data_dir / "secret.key").exists()
    with pytest.raises(StateError) as caught:
        SecretBox.open(place.data_dir, "too short")
    assert caught.value.code == "secret_key_invalid"
    assert "too short" not in str(caught.value.args)
