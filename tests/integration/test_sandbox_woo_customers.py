"""How the WooCommerce sandbox makes, changes and deletes customers: section 3 of the WooCommerce reference."""

import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_woo_shop import HOME, Shop, code


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_3_1_a_create_answers_201_with_its_place(shop: Shop) -> None:
    reply = await shop.call("POST", "customers", {"email": "Ada@Example.com", "first_name": "Ada"})
    assert reply.status_code == 201
    assert reply.headers["location"] == f"{HOME}/wp-json/wc/v3/customers/{reply.json()['id']}"
    assert reply.headers["allow"] == "GET, POST"
    assert (reply.json()["email"], reply.json()["date_created"]) == ("Ada@Example.com", "2026-07-01T15:00:00")
    assert reply.json()["date_modified"] == reply.json()["date_created"]


async def test_3_1_a_missing_email_is_a_missing_parameter(shop: Shop) -> None:
    reply = await shop.call("POST", "customers", {})
    assert code(reply) == (400, "rest_missing_callback_param")
    assert reply.json()["message"] == "Missing parameter(s): email"
    assert reply.json()["data"]["params"] == ["email"]


async def test_3_1_read_only_and_unknown_fields_are_ignored(shop: Shop) -> None:
    made = await shop.make(
        "ada@example.com",
        role="administrator",
        date_created="2020-01-01T00:00:00",
        is_paying_customer=True,
        colour="red",
    )
    assert (made["role"], made["date_created_gmt"], made["is_paying_customer"]) == (
        "customer",
        "2026-07-01T12:00:00",
        False,
    )


@pytest.mark.parametrize(
    ("email", "username"),
    [
        ("a+b@example.com", "ab"),
        ("Ada.Lovelace@example.com", "ada.lovelace"),
        ("info@example.com", "example.com"),
        ("mail@shop.example.org", "shop.example.org"),
        ("o'brien@example.com", "obrien"),
    ],
)
async def test_3_1_usernames_come_from_the_email(shop: Shop, email: str, username: str) -> None:
    assert (await shop.make(email))["username"] == username


async def test_3_1_a_taken_username_gets_four_digits(shop: Shop) -> None:
    await shop.make("ada@example.com")
    second = (await shop.make("ada@example.org"))["username"]
    assert second.startswith("ada-")
    assert (len(second), second[4:].isdigit()) == (8, True)


async def test_3_1_a_password_is_asked_for_when_the_store_makes_none(shop: Shop) -> None:
    await shop.call("PUT", "settings/account/woocommerce_registration_generate_password", {"value": "no"})
    single = await shop.call("POST", "customers", {"email": "ada@example.com"})
    batch = await shop.batch(create=[{"email": "ada@example.com"}, {"email": "bob@example.com", "password": "x"}])
    assert code(single) == (400, "rest_missing_callback_param")
    assert batch["create"][0]["error"]["code"] == "registration-error-missing-password"
    assert batch["create"][1]["email"] == "bob@example.com"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "ADA@example.com"}, "registration-error-email-exists"),
        ({"email": "new@example.com", "username": "ada"}, "registration-error-username-exists"),
        ({"email": "new@example.com", "username": "çğş|"}, "registration-error-invalid-username"),
        ({"email": "nonsense"}, "customer_invalid_email"),
        ({"email": "çğş@example.com"}, "customer_invalid_email"),
        ({"email": "ada@bücher.example"}, "customer_invalid_email"),
        ({"email": ""}, "rest_invalid_param"),
        ({"email": "new@example.com", "id": 5}, "woocommerce_rest_customer_exists"),
        ({"email": "new@example.com", "first_name": 5}, "rest_invalid_param"),
        ({"email": "new@example.com", "billing": {"email": ""}}, "rest_invalid_param"),
        ({"email": "new@example.com", "billing": {"email": None}}, "rest_invalid_param"),
        ({"email": "new@example.com", "billing": {"phone": 5}}, "rest_invalid_param"),
        ({"email": "new@example.com", "meta_data": "x"}, "rest_invalid_param"),
    ],
)
async def test_3_2_codes_of_a_single_create(shop: Shop, body: dict[str, Any], expected: str) -> None:
    await shop.make("ada@example.com")
    assert code(await shop.call("POST", "customers", body)) == (400, expected)
    assert len(shop.store.accounts) == 1


async def test_3_2_a_taken_email_is_told_with_markup(shop: Shop) -> None:
    await shop.make("ada@example.com")
    reply = await shop.call("POST", "customers", {"email": "ada@example.com"})
    assert reply.json()["message"] == (
        'An account is already registered with your email address. <a href="#" class="showlogin">Please log in.</a>'
    )


async def test_3_2_a_refused_billing_email_is_detailed(shop: Shop) -> None:
    reply = await shop.call("POST", "customers", {"email": "x@example.com", "billing": {"email": ""}})
    assert reply.json()["data"] == {
        "status": 400,
        "params": {"billing": "Invalid email address."},
        "details": {"billing": {"code": "rest_invalid_email", "message": "Invalid email address.", "data": None}},
    }


async def test_3_2_unknown_ids_are_404_to_read_and_400_to_change(shop: Shop) -> None:
    assert code(await shop.call("GET", "customers/99")) == (404, "woocommerce_rest_invalid_id")
    assert code(await shop.call("PUT", "customers/99", {})) == (400, "woocommerce_rest_invalid_id")
    assert code(await shop.call("DELETE", "customers/99", force="true")) == (400, "woocommerce_rest_invalid_id")


async def test_3_2_codes_of_an_update(shop: Shop) -> None:
    await shop.make("bob@example.com")
    path = f"customers/{(await shop.make('ada@example.com'))['id']}"
    taken = await shop.call("PUT", path, {"email": "bob@example.com"})
    renamed = await shop.call("PUT", path, {"username": "countess"})
    malformed = await shop.call("PUT", path, {"email": "zz"})
    assert code(taken) == (400, "woocommerce_rest_customer_invalid_email")
    assert code(renamed) == (400, "woocommerce_rest_customer_invalid_argument")
    assert code(malformed) == (400, "rest_invalid_param")


async def test_3_2_simultaneous_creates_make_one_account(shop: Shop) -> None:
    replies = await asyncio.gather(*(shop.call("POST", "customers", {"email": "ada@example.com"}) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [201, 400, 400, 400, 400, 400]


async def test_appendix_email_uniqueness_is_not_atomic_where_the_store_races(shop: Shop) -> None:
    shop.store.modes.races_emails = True
    replies = await asyncio.gather(*(shop.call("POST", "customers", {"email": "ada@example.com"}) for _ in range(2)))
    assert [reply.status_code for reply in replies] == [201, 201]
    assert shop.store.state()["repeatedEmails"] == {"ada@example.com": 2}


async def test_3_3_updates_merge_and_metas_upsert(shop: Shop) -> None:
    made = await shop.make(
        "ada@example.com",
        first_name="Ada",
        billing={"city": "Lyon", "phone": "1"},
        meta_data=[{"key": "a", "value": "1"}, {"key": "b", "value": {"deep": [5]}}],
    )
    shop.clock.turn(60)
    path = f"customers/{made['id']}"
    changed = await shop.call(
        "PATCH",
        path,
        {"billing": {"phone": "2"}, "meta_data": [{"key": "a", "value": 5}, {"key": "b", "value": None}]},
    )
    body = changed.json()
    assert (body["first_name"], body["billing"]["city"], body["billing"]["phone"]) == ("Ada", "Lyon", "2")
    assert body["meta_data"] == [{"id": made["meta_data"][0]["id"], "key": "a", "value": "5"}]
    assert body["date_modified_gmt"] == "2026-07-01T12:01:00"
    shop.clock.turn(60)
    meta_only = await shop.call("PUT", path, {"meta_data": [{"key": "c", "value": "x"}]})
    assert meta_only.json()["date_modified_gmt"] == "2026-07-01T12:01:00"


async def test_3_3_staff_can_be_edited(shop: Shop) -> None:
    shop.store.load_customers([{"id": 1, "email": "owner@example.com", "role": "administrator"}])
    assert (await shop.call("PUT", "customers/1", {"first_name": "Eve"})).json()["role"] == "administrator"


async def test_3_4_a_delete_must_be_forced_and_is_final(shop: Shop) -> None:
    path = f"customers/{(await shop.make('ada@example.com'))['id']}"
    assert code(await shop.call("DELETE", path)) == (501, "woocommerce_rest_trash_not_supported")
    assert code(await shop.call("DELETE", path, force="true", reassign=77)) == (
        400,
        "woocommerce_rest_customer_invalid_reassign",
    )
    assert (await shop.call("DELETE", path, force="true")).json()["email"] == "ada@example.com"
    assert code(await shop.call("DELETE", path, force="true")) == (400, "woocommerce_rest_invalid_id")
    assert (await shop.make("ada@example.com"))["id"] == 2


async def test_3_5_mails_of_create_and_update(shop: Shop) -> None:
    path = f"customers/{(await shop.make('ada@example.com'))['id']}"
    await shop.call("PUT", path, {"first_name": "Ada"})
    await shop.call("PUT", path, {"email": "new@example.com"})
    await shop.call("PUT", path, {"password": "secret words"})
    assert shop.mails() == [
        ("customer_new_account", "ada@example.com"),
        ("email_changed", "ada@example.com"),
        ("password_changed", "new@example.com"),
    ]


async def test_3_6_internal_meta_is_hidden_and_writes_fields(shop: Shop) -> None:
    made = await shop.make(
        "ada@example.com",
        first_name="Ada",
        meta_data=[
            {"key": "_crm_id", "value": "7"},
            {"key": "first_name", "value": "Eve"},
            {"key": "billing_phone", "value": "555"},
            {"key": "paying_customer", "value": "1"},
            {"key": "wp_capabilities", "value": "x"},
            {"key": "locale", "value": "de"},
            {"key": "_woocommerce_persistent_cart_1", "value": "x"},
        ],
    )
    assert [row["key"] for row in made["meta_data"]] == ["_crm_id"]
    assert (made["first_name"], made["billing"]["phone"], made["is_paying_customer"]) == ("Eve", "555", True)


async def test_3_7_text_is_mangled_as_wordpress_does(shop: Shop) -> None:
    made = await shop.make(
        "ada@example.com",
        first_name="<b>Tom</b> & <script>alert(1)</script>Ann",
        last_name="O'Neil\\x",
        billing={"company": "<i>A</i> & B", "address_1": "A \\ B", "country": "Nowhere"},
    )
    assert (made["first_name"], made["last_name"]) == ("Tom &amp; Ann", "O'Neilx")
    assert made["billing"]["company"] == "<i>A</i> & B"
    assert made["billing"]["address_1"] == "A  B"
    assert made["billing"]["country"] == "Nowhere"


async def test_3_8_batch_results_stand_by_position(shop: Shop) -> None:
    ada = await shop.make("ada@example.com")
    answer = await shop.batch(
        create=[{"email": "bob@example.com"}, {"email": "ADA@example.com"}, {"email": ""}, {}],
        update=[{"id": ada["id"], "first_name": "Ada2"}, {"id": 99, "first_name": "x"}, {"first_name": "y"}],
        delete=[0, 77, 0, 2],
    )
    created, updated, deleted = answer["create"], answer["update"], answer["delete"]
    assert created[0]["email"] == "bob@example.com"
    assert "_links" in created[0]
    assert created[1]["id"] == 0
    assert [item["error"]["code"] for item in created[1:]] == [
        "registration-error-email-exists",
        "registration-error-invalid-email",
        "registration-error-invalid-email",
    ]
    assert updated[0]["first_name"] == "Ada2"
    assert [(item["id"], item["error"]["code"]) for item in updated[1:]] == [
        (99, "woocommerce_rest_invalid_id"),
        (None, "woocommerce_rest_invalid_id"),
    ]
    assert [item.get("error", {}).get("code") for item in deleted] == ["woocommerce_rest_invalid_id", None]
    assert deleted[1]["id"] == 2


async def test_3_8_a_batch_of_101_is_413_and_makes_nothing(shop: Shop) -> None:
    items = [{"email": f"z{number}@example.com"} for number in range(101)]
    reply = await shop.call("POST", "customers/batch", {"create": items})
    assert code(reply) == (413, "woocommerce_rest_request_entity_too_large")
    assert reply.json()["message"] == "Unable to accept more than 100 items for this request."
    assert len(shop.store.accounts) == 0
    assert len((await shop.batch(create=items[:99], delete=[0]))["create"]) == 99


async def test_3_8_batch_items_skip_the_schema_and_can_erase_an_email(shop: Shop) -> None:
    ada, bob = await shop.make("ada@example.com"), await shop.make("bob@example.com")
    answer = await shop.batch(
        create=[{"email": "eve@example.com", "first_name": 5, "billing": {"email": "", "phone": 7}}],
        update=[{"id": ada["id"], "email": "zz"}, {"id": bob["id"], "email": ""}],
    )
    assert (answer["create"][0]["first_name"], answer["create"][0]["billing"]["phone"]) == ("5", "7")
    assert [item["email"] for item in answer["update"]] == ["", ""]
    assert shop.mails()[-2:] == [("email_changed", "ada@example.com"), ("email_changed", "bob@example.com")]
    refused = await shop.batch(create=[{"email": "new@example.com", "billing": {"email": "zz"}}])
    assert refused["create"][0]["error"]["code"] == "customer_invalid_billing_email"


async def test_3_8_empty_and_trimmed_batches_are_lists(shop: Shop) -> None:
    assert (await shop.call("POST", "customers/batch", {})).json() == []
    trimmed = await shop.call("POST", "customers/batch", {"create": [{"email": "a@example.com"}]}, _fields="id")
    assert trimmed.json() == []
    assert len(shop.store.accounts) == 1


async def test_3_8_a_fatal_error_midway_leaves_the_earlier_ones_done(shop: Shop) -> None:
    reply = await shop.call("POST", "customers/batch", {"create": [{"email": "ada@example.com"}, "broken"]})
    assert code(reply) == (500, "internal_server_error")
    assert len(shop.store.accounts) == 1


async def test_7_bodies_must_be_json_or_a_form(shop: Shop) -> None:
    async with shop.client(shop.key) as http:
        path = "/wp-json/wc/v3/customers"
        broken = await http.post(path, content="{", headers={"Content-Type": "application/json"})
        plain = await http.post(path, content='{"email":"a@example.com"}', headers={"Content-Type": "text/plain"})
        form = await http.post(path, data={"email": "form@example.com", "billing[phone]": "5"})
        large = await http.post(path, json={"email": "a@example.com", "first_name": "x" * 1_100_000})
    assert code(broken) == (400, "rest_invalid_json")
    assert code(plain) == (400, "rest_missing_callback_param")
    assert (form.status_code, form.json()["billing"]["phone"]) == (201, "5")
    assert (large.status_code, large.headers["content-type"].partition(";")[0]) == (413, "text/html")


async def test_0_1_a_client_that_leaves_does_not_stop_the_work(shop: Shop) -> None:
    shop.store.modes.service_times = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(shop.batch(create=[{"email": "ada@example.com"}]), timeout=0.03)
    assert len(shop.store.accounts) == 0
    async with asyncio.timeout(5):
        while not (await shop.call("GET", "customers")).json():
            continue
    assert len(shop.store.accounts) == 1
