"""Settings and mails of the WooCommerce sandbox: section 5.10 of the WooCommerce reference, and its appendix."""

import pytest

from tests.integration.sandbox_woo_shop import Shop, code

SWITCH = "settings/email_customer_new_account/enabled"


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def value(shop: Shop) -> object:
    return (await shop.call("GET", SWITCH)).json()["value"]


async def test_5_10_a_switch_has_its_shape(shop: Shop) -> None:
    body = (await shop.call("GET", SWITCH)).json()
    links = body.pop("_links")
    assert body == {
        "id": "enabled",
        "label": "Enable/Disable",
        "description": "",
        "type": "checkbox",
        "default": "yes",
        "value": "yes",
        "group_id": "email_customer_new_account",
    }
    assert links["self"][0]["href"].endswith(SWITCH)


async def test_5_10_a_muted_mail_is_not_sent(shop: Shop) -> None:
    assert (await shop.call("PUT", SWITCH, {"value": "no"})).json()["value"] == "no"
    await shop.make("ada@example.com")
    assert shop.mails() == []
    await shop.call("PUT", SWITCH, {"value": "yes"})
    await shop.make("bob@example.com")
    assert shop.mails() == [("customer_new_account", "bob@example.com")]
    assert shop.store.state()["mails"] == {
        "sent": {"customer_new_account": 1},
        "muted": {"customer_new_account": 1},
        "waiting": 0,
    }


@pytest.mark.parametrize("trap", [False, ""])
async def test_5_10_false_and_nothing_switch_a_mail_on(shop: Shop, trap: object) -> None:
    await shop.call("PUT", SWITCH, {"value": "no"})
    claimed = (await shop.call("PUT", SWITCH, {"value": trap})).json()["value"]
    assert await value(shop) == "yes"
    assert claimed == ("no" if trap is False else "yes")
    await shop.make("ada@example.com")
    assert shop.mails() == [("customer_new_account", "ada@example.com")]


async def test_5_10_true_is_stored_as_a_boolean_behind_a_claim_of_yes(shop: Shop) -> None:
    assert (await shop.call("PUT", SWITCH, {"value": True})).json()["value"] == "yes"
    assert await value(shop) is True


async def test_5_10_wrong_values_groups_and_settings(shop: Shop) -> None:
    assert code(await shop.call("PUT", SWITCH, {"value": "off"})) == (400, "rest_setting_value_invalid")
    assert code(await shop.call("GET", "settings/nope/enabled")) == (404, "rest_setting_setting_group_invalid")
    assert code(await shop.call("GET", "settings/email_new_order/nope")) == (404, "rest_setting_setting_invalid")
    assert code(await shop.call("GET", "settings/email_customer_invoice/enabled")) == (
        404,
        "rest_setting_setting_invalid",
    )
    assert code(await shop.call("GET", "settings/account/woocommerce_registration_generate_username")) == (
        404,
        "rest_setting_setting_invalid",
    )


async def test_5_10_both_batches(shop: Shop) -> None:
    items = [
        {"group_id": "email_new_order", "id": "enabled", "value": "no"},
        {"group_id": "email_customer_invoice", "id": "enabled", "value": "no"},
    ]
    answer = (await shop.call("POST", "settings/batch", {"update": items})).json()["update"]
    assert answer[0]["value"] == "no"
    assert answer[1]["error"]["code"] == "rest_setting_setting_invalid"
    body = {"update": [{"id": "enabled", "value": "no"}]}
    inner = (await shop.call("POST", "settings/email_customer_note/batch", body)).json()["update"]
    assert inner[0]["group_id"] == "email_customer_note"
    assert shop.store.state()["changedSettings"] == {
        "email_new_order/enabled": "no",
        "email_customer_note/enabled": "no",
    }


async def test_5_10_groups_are_listed(shop: Shop) -> None:
    groups = [group["id"] for group in (await shop.call("GET", "settings")).json()]
    assert {"general", "products", "account", "email_customer_new_account"} <= set(groups)
    general = {item["id"]: item["value"] for item in (await shop.call("GET", "settings/general")).json()}
    assert general["woocommerce_currency"] == "USD"


async def test_deferred_mails_read_the_switch_when_they_leave(shop: Shop) -> None:
    """A mail queued while muted and flushed after the mute ended does go out; the other way round it doesn't."""
    shop.store.outbox.deferral_seconds = 60
    await shop.call("PUT", SWITCH, {"value": "no"})
    await shop.make("ada@example.com")
    assert shop.store.state()["mails"]["waiting"] == 1
    await shop.call("PUT", SWITCH, {"value": "yes"})
    shop.clock.turn(59)
    assert shop.mails() == []
    shop.clock.turn(1)
    assert shop.mails() == [("customer_new_account", "ada@example.com")]
    await shop.make("bob@example.com")
    await shop.call("PUT", SWITCH, {"value": "no"})
    shop.clock.turn(60)
    assert len(shop.mails()) == 1
