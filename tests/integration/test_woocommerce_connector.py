"""The WooCommerce connector on its sandbox: reading under change, writing in batches, and what keys may do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crossdock.connectors.contract import FindingLevel
from crossdock.connectors.woocommerce.auth import Scheme
from crossdock.connectors.woocommerce.store import WooCommerceStore
from crossdock.domain.customer import Address
from crossdock.domain.errors import (
    AuthenticationError,
    ConfigurationError,
    MissingScopeError,
    OutcomeUnknownError,
    RecordConflictError,
    StoreUnavailableError,
    UnmappableValueError,
)
from crossdock.domain.plan import VERIFY, Applied, Linked, NotSent, Refused, Unknown
from tests.integration.woocommerce_connected import Connected, marker, person


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Connected]:
    connected = Connected(tmp_path, mail_delay_seconds=120.0)
    yield connected
    connected.state.close()


def fill(shop: Connected, count: int) -> None:
    shop.sandbox.seed({"email": f"p{number}@example.com", "role": "customer"} for number in range(1, count + 1))


async def test_rows_deleted_while_reading_hide_nobody_who_stays(shop: Connected) -> None:
    fill(shop, 1000)
    read: list[str] = []
    async for page in shop.store.source("customer").read():
        read += [record.id for record in page.records]
        if len(read) in (100, 397):
            for account in list(shop.sandbox.accounts)[:37]:
                shop.sandbox.accounts.remove(account)
    assert len(read) == len(set(read))
    assert {str(account.id) for account in shop.sandbox.accounts} <= set(read)


async def test_a_resumed_read_notices_what_was_deleted_meanwhile(shop: Connected) -> None:
    fill(shop, 350)
    first = await anext(shop.store.source("customer").read())
    for account in list(shop.sandbox.accounts)[40:160]:
        shop.sandbox.accounts.remove(account)
    rest = [record.id async for page in shop.store.source("customer").read(first.cursor) for record in page.records]
    seen = {record.id for record in first.records}
    assert not seen & set(rest)
    assert {str(account.id) for account in shop.sandbox.accounts} <= seen | set(rest)


async def test_accounts_added_while_reading_do_no_harm(shop: Connected) -> None:
    fill(shop, 250)
    read: list[str] = []
    async for page in shop.store.source("customer").read():
        read += [record.email for record in page.records]
        if len(read) < 300:
            shop.sandbox.seed([{"email": f"late{len(read)}@example.com", "role": "customer"}])
    assert len(read) == len(set(read))
    assert {f"p{number}@example.com" for number in range(1, 251)} <= set(read)


async def test_every_role_is_read_and_named(shop: Connected) -> None:
    shop.sandbox.seed([{"email": "a@example.com", "role": "administrator"}, {"email": "c@example.com"}])
    (page,) = [page async for page in shop.store.source("customer").read()]
    assert [record.role for record in page.records] == ["administrator", "customer"]
    assert await shop.store.source("customer").count() == 2


async def test_guests_are_no_accounts(shop: Connected) -> None:
    assert await shop.store.source("customer").get(["guest:ada@example.com", "1"]) == {}


async def test_big_lists_go_in_small_batches_one_after_the_other(shop: Connected) -> None:
    people = [person(number) for number in range(1, 61)]
    outcomes = await shop.send(people)
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    writes = [call for call in shop.faults.calls if call.method == "POST"]
    assert 3 <= len(writes) <= 6
    assert len(shop.emails()) == 60


async def test_a_batch_that_the_server_cuts_off_is_unknown_and_the_rest_waits(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_after", "path": "customers/batch", "status": 524}])
    outcomes = await shop.send([person(number) for number in range(1, 26)])
    unknown = [outcome for outcome in outcomes if isinstance(outcome, Unknown)]
    left = [outcome for outcome in outcomes if isinstance(outcome, NotSent)]
    assert (len(unknown), len(left)) == (10, 15)
    assert all(isinstance(outcome.error, StoreUnavailableError) for outcome in left)
    assert len(shop.emails()) == 10


@pytest.mark.parametrize("kind", ["truncated", "html_after", "error_after"])
async def test_every_spoilt_answer_to_a_write_is_looked_for(shop: Connected, kind: str) -> None:
    began = shop.now
    shop.faults.set_rules([{"kind": kind, "path": "customers/batch"}])
    people = [person(1), person(2)]
    assert all(isinstance(outcome, Unknown) for outcome in await shop.send(people))
    found = await shop.store.sink("customer").find_effects(shop.creates(people), "crossdock_1_1", shop.now - began)
    assert set(found) == {marker(one) for one in people}


async def test_a_notice_before_the_answer_is_no_trouble(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "php_notice", "times": 0}])
    assert all(isinstance(outcome, Applied) for outcome in await shop.send([person(1)]))


async def test_a_rate_limit_says_that_nothing_was_sent(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "rate_limited", "path": "customers/batch", "retry_after": 9}])
    (outcome,) = await shop.send([person(1)])
    assert isinstance(outcome, NotSent)
    assert getattr(outcome.error, "retry_after", None) == 9
    assert shop.emails() == []


async def test_a_read_only_and_a_shop_managers_key_send_nothing(shop: Connected) -> None:
    for permissions, role, code in (
        ("read", "administrator", "key_read_only"),
        ("read_write", "shop_manager", "key_not_administrator"),
    ):
        store = shop.connect(shop.sandbox.add_key(permissions, role))
        (outcome,) = await shop.send([person(1)], store)
        assert isinstance(outcome, NotSent)
        assert isinstance(outcome.error, MissingScopeError)
        assert outcome.error.code == code
        with pytest.raises(MissingScopeError) as caught:
            await store.sink("customer").prepare("run-1")
        assert caught.value.code == code
        assert shop.mail_switch() == "yes"


async def test_one_refused_customer_does_not_stop_the_others(shop: Connected) -> None:
    outcomes = await shop.send([person(1), person(2, "+++@example.com"), person(3)])
    assert [type(outcome) for outcome in outcomes] == [Applied, Refused, Applied]
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].error.code == "username_refused"


async def test_an_account_of_another_role_is_linked_with_a_warning(shop: Connected) -> None:
    shop.sandbox.seed([{"email": "Ada1@Example.com", "role": "administrator", "first_name": "Root"}])
    (outcome,) = await shop.send([person(1)])
    assert isinstance(outcome, Linked)
    assert [reason.code for reason in outcome.reasons] == ["other_role"]
    (account,) = shop.sandbox.accounts
    assert account.first_name == "Root"


async def test_verify_tells_what_the_shop_changed(shop: Connected) -> None:
    one = replace(person(1), first_name="A\\da & <i>Co</i>", addresses=(Address(address1="1 Mill", country_code="GB"),))
    (made,) = await shop.send([one])
    assert isinstance(made, Applied)
    sink = shop.store.sink("customer")
    verify = sink.steps(one, marker(one))[1].at(made.destination_id)
    (same,) = [result.outcome async for result in sink.send([verify], "b")]
    assert isinstance(same, Applied)
    assert (same.destination_id, same.reasons) == (made.destination_id, ())
    account = next(iter(shop.sandbox.accounts))
    account.first_name = "Somebody else"
    (result,) = [result async for result in sink.send([verify], "b")]
    assert isinstance(result.outcome, Applied)
    assert [reason.code for reason in result.outcome.reasons] == ["field_changed_by_store"]
    assert "first name" in result.outcome.reasons[0].message
    await sink.delete(made.destination_id)
    (result,) = [result async for result in sink.send([verify], "b")]
    assert (result.step.name, type(result.outcome)) == (VERIFY, Unknown)


async def test_the_look_for_effects_goes_back_to_the_attempt_and_no_further(shop: Connected) -> None:
    shop.now -= timedelta(hours=1)
    fill(shop, 1000)
    shop.now += timedelta(hours=1)
    began = shop.now
    await shop.send([person(1)])
    shop.sandbox.seed({"email": f"new{number}@example.com"} for number in range(250))
    shop.faults.calls.clear()
    found = await shop.store.sink("customer").find_effects(
        shop.creates([person(1), person(2)]), "crossdock_1_1", shop.now - began
    )
    assert list(found) == [marker(person(1))]
    assert 3 <= len(shop.faults.calls) <= 5


async def test_only_our_own_unpaid_accounts_are_deleted(shop: Connected) -> None:
    shop.sandbox.seed([{"email": "grace@example.com", "role": "customer"}])
    (there,) = shop.sandbox.accounts
    sink = shop.store.sink("customer")
    with pytest.raises(RecordConflictError) as caught:
        await sink.delete(str(there.id))
    assert caught.value.code == "not_ours"
    (made,) = await shop.send([person(1)])
    assert isinstance(made, Applied)
    await sink.delete(made.destination_id)
    await sink.delete(made.destination_id)
    assert shop.emails() == ["grace@example.com"]


async def test_the_mail_is_muted_while_held_and_restored_after_late_mails(shop: Connected) -> None:
    shop.sandbox.outbox.deferral_seconds = 60
    sink = shop.store.sink("customer")
    await sink.prepare("run-1")
    assert shop.mail_switch() == "no"
    await shop.send([person(1)])
    await sink.release("run-1")
    shop.now += timedelta(hours=1)
    assert (shop.mail_switch(), shop.mails()) == ("yes", [])
    assert shop.state.mutes.held() == []


async def test_the_mail_stays_off_while_a_write_without_an_answer_may_take_effect(shop: Connected) -> None:
    sink = shop.store.sink("customer")
    await sink.prepare("run-1")
    shop.faults.set_rules([{"kind": "error_after", "body": '"create"'}])
    (outcome,) = await shop.send([person(1)])
    assert isinstance(outcome, Unknown)
    lost_at = shop.now
    await sink.release("run-1")
    assert shop.mail_switch() == "yes"
    # The shop may be at it for three minutes, and then put the mail off for two.
    assert shop.now - lost_at >= timedelta(minutes=5)


async def test_a_second_run_joins_and_the_last_one_restores(shop: Connected) -> None:
    first, second = shop.store, shop.connect(shop.key)
    await first.sink("customer").prepare("run-1")
    await second.sink("customer").prepare("run-2")
    await first.sink("customer").release("run-1")
    assert shop.mail_switch() == "no"
    await second.sink("customer").release("run-2")
    assert shop.mail_switch() == "yes"


async def test_a_crash_leaves_the_original_value_to_be_restored(shop: Connected) -> None:
    await shop.store.sink("customer").prepare("run-1")
    again = shop.connect(shop.key)
    await again.sink("customer").prepare("run-1")
    await again.sink("customer").release("run-1")
    assert shop.mail_switch() == "yes"


async def test_a_mail_that_is_off_already_stays_off(shop: Connected) -> None:
    shop.sandbox.options.change("email_customer_new_account", "enabled", "no")
    await shop.store.sink("customer").prepare("run-1")
    assert [held.holders for held in shop.state.mutes.held()] == [("run-1",)]
    await shop.store.sink("customer").release("run-1")
    assert shop.mail_switch() == "no"
    assert shop.state.mutes.held() == []


async def test_what_the_merchant_changed_meanwhile_is_kept(shop: Connected) -> None:
    await shop.store.sink("customer").prepare("run-1")
    shop.sandbox.options.change("email_customer_new_account", "enabled", "yes")
    shop.faults.calls.clear()
    await shop.store.sink("customer").release("run-1")
    assert [call for call in shop.faults.calls if call.method == "PUT"] == []
    assert shop.state.mutes.held() == []


async def test_a_lost_answer_to_the_mute_is_settled_by_reading(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_after", "method": "PUT"}])
    await shop.store.sink("customer").prepare("run-1")
    assert shop.mail_switch() == "no"


async def test_a_mail_that_can_not_be_muted_stops_before_any_write(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "path": "email_customer_new_account", "status": 404, "times": 0}])
    with pytest.raises(ConfigurationError):
        await shop.store.sink("customer").prepare("run-1")
    assert shop.state.mutes.held() == []


async def test_a_refused_mute_leaves_nothing_behind(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "method": "PUT", "status": 404, "times": 0}])
    with pytest.raises(ConfigurationError) as caught:
        await shop.store.sink("customer").prepare("run-1")
    assert caught.value.code == "mail_cannot_be_muted"
    assert (shop.mail_switch(), shop.state.mutes.held()) == ("yes", [])


async def test_a_mute_whose_outcome_is_unknown_stays_in_the_journal(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "method": "PUT", "status": 502, "times": 0}])
    with pytest.raises(OutcomeUnknownError):
        await shop.store.sink("customer").prepare("run-1")
    assert [held.original_value for held in shop.state.mutes.held()] == ["yes"]
    shop.faults.clear()
    await shop.store.sink("customer").release("run-1")
    assert (shop.mail_switch(), shop.state.mutes.held()) == ("yes", [])


@pytest.mark.parametrize("path", ["customers/batch", "email_customer_new_account"])
@pytest.mark.parametrize("kind", ["rate_limited", "error_before", "error_after", "truncated", "html_page"])
async def test_a_moments_trouble_does_not_end_the_preparation(shop: Connected, kind: str, path: str) -> None:
    shop.faults.set_rules([{"kind": kind, "path": path, "times": 2}])
    await shop.store.sink("customer").prepare("run-1")
    assert (shop.mail_switch(), [held.holders for held in shop.state.mutes.held()]) == ("no", [("run-1",)])


async def test_a_permission_that_the_store_does_not_tell_is_trouble_that_passes(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "path": "customers/batch", "status": 502, "times": 0}])
    with pytest.raises(StoreUnavailableError):
        await shop.store.sink("customer").prepare("run-1")
    assert (shop.mail_switch(), shop.state.mutes.held()) == ("yes", [])


async def test_a_redirect_of_the_mute_is_told_as_such(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "redirect", "method": "PUT", "location": "https://www.shop.example.com/"}])
    with pytest.raises(ConfigurationError) as caught:
        await shop.store.sink("customer").prepare("run-1")
    assert caught.value.code == "redirected"
    assert (shop.mail_switch(), shop.state.mutes.held()) == ("yes", [])


async def test_a_mute_that_is_redirected_after_a_lost_one_stays_in_the_journal(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "method": "PUT"}, {"kind": "redirect", "method": "PUT"}])
    with pytest.raises(OutcomeUnknownError) as caught:
        await shop.store.sink("customer").prepare("run-1")
    assert caught.value.code == "redirected"
    assert [held.holders for held in shop.state.mutes.held()] == [("run-1",)]


async def test_a_server_that_drops_the_header_is_asked_by_oauth(shop: Connected) -> None:
    fill(shop, 3)
    shop.sandbox.modes.strips_authorization = True
    assert await shop.store.source("customer").count() == 3
    assert shop.store._transport._auth.way is Scheme.OAUTH_HTTPS
    assert [type(outcome) for outcome in await shop.send([person(1, "ada+x@example.com"), person(2)])] == [Applied] * 2


async def test_oauth_signs_what_the_shop_calls_itself(tmp_path: Path) -> None:
    connected = Connected(tmp_path, "http://shop.example.com/blog")
    fill(connected, 5)
    ids = [account.id for account in connected.sandbox.accounts]
    source = connected.store.source("customer")
    assert len(await source.get([str(number) for number in ids])) == 5
    (outcome,) = await connected.send([person(1, "p1@example.com")])
    assert isinstance(outcome, Linked)
    connected.state.close()


@pytest.mark.parametrize(("key", "secret"), [("ck_" + "0" * 40, "cs_" + "0" * 40), (None, "cs_" + "0" * 40)])
async def test_a_wrong_key_is_named_and_not_shown(shop: Connected, key: str | None, secret: str) -> None:
    store = shop.connect((key or shop.key[0], secret))
    with pytest.raises(AuthenticationError) as caught:
        await store.source("customer").count()
    assert caught.value.code == "key_invalid"
    assert secret not in repr(caught.value.args)
    assert [finding.level for finding in await store.check()][-1] is FindingLevel.BLOCKER


async def test_plain_permalinks_are_told_with_advice(shop: Connected) -> None:
    shop.sandbox.modes.plain_permalinks = True
    (finding,) = await shop.store.check()
    assert (finding.capability, finding.level) == ("address", FindingLevel.BLOCKER)
    assert "Permalinks" in finding.message


async def test_the_check_tells_what_the_key_can_do(shop: Connected) -> None:
    shop.sandbox.add_webhook("customer.created", "https://erp.example.com/", name="ERP")
    findings = {finding.capability: finding for finding in await shop.store.check()}
    assert findings["write"].level is findings["account_mail"].level is FindingLevel.PASS
    assert "9.2.5" in findings["version"].message
    assert "ERP" in findings["webhooks"].message
    fill(shop, 1)
    manager = shop.connect(shop.sandbox.add_key(role="shop_manager"))
    findings = {finding.capability: finding.level for finding in await manager.check()}
    assert findings["credentials"] is findings["write"] is FindingLevel.WARNING
    assert shop.emails() == ["p1@example.com"]


async def test_the_store_key_has_no_scheme_and_no_www(tmp_path: Path) -> None:
    connected = Connected(tmp_path, "https://www.Shop.example.com/blog")
    info = await connected.store.info()
    assert (info.key, info.country, info.currency) == ("shop.example.com/blog", "US", "USD")
    assert info.time_zone == "Europe/Istanbul"
    connected.state.close()


@pytest.mark.parametrize(
    ("email", "code"),
    [("", "email_missing"), ("zz", "email_invalid"), ("ä@example.com", "email_invalid"), ("a@b", "email_invalid")],
)
def test_what_wordpress_can_not_hold_is_refused_before_sending(shop: Connected, email: str, code: str) -> None:
    one = replace(person(1), email=email)
    with pytest.raises(UnmappableValueError) as caught:
        shop.store.sink("customer").steps(one, marker(one))
    assert caught.value.code == code


async def test_a_closed_store_may_be_closed_again(shop: Connected) -> None:
    assert isinstance(shop.store, WooCommerceStore)
    await shop.store.aclose()
    await shop.store.aclose()
