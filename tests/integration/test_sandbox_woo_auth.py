"""Who may do what on the WooCommerce sandbox: sections 1.1 to 1.7 of the WooCommerce reference."""

import base64
import hashlib
import hmac
from typing import Any, cast
from urllib.parse import quote, urlencode

import httpx2
import pytest
from oauthlib.oauth1 import SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_QUERY, Client

from tests.integration.sandbox_woo_shop import HOME, Shop, code

CUSTOMERS = "/wp-json/wc/v3/customers"
PLAIN_HOME = "http://shop.example.com"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def signed(shop: Shop, url: str, *, key: tuple[str, str] | None = None, **options: str) -> tuple[str, dict[str, str]]:
    """Sign a GET by a library that is none of ours, at the shop's time."""
    consumer_key, secret = key or shop.key
    settings: dict[str, Any] = {
        "timestamp": str(int(shop.clock().timestamp())),
        "signature_method": "HMAC-SHA256",
        "signature_type": SIGNATURE_TYPE_QUERY,
        **options,
    }
    client = Client(consumer_key, client_secret=secret, **settings)
    return cast("tuple[str, dict[str, str], object]", client.sign(url, "GET"))[:2]


async def send(shop: Shop, url: str, *, key: tuple[str, str] | None = None, **options: str) -> httpx2.Response:
    target, headers = signed(shop, url, key=key, **options)
    async with shop.client() as http:
        return await http.get(target, headers=headers)


async def test_1_2_basic_and_query_keys_open_https(shop: Shop) -> None:
    key, secret = shop.key
    async with shop.client() as http:
        basic = await http.get(CUSTOMERS, auth=shop.key)
        query = await http.get(CUSTOMERS, params={"consumer_key": key, "consumer_secret": secret})
        both = await http.get(
            CUSTOMERS,
            params={"consumer_key": key, "consumer_secret": secret},
            auth=("ck_wrong", "cs_wrong"),
        )
    assert [reply.status_code for reply in (basic, query, both)] == [200, 200, 200]
    assert "www-authenticate" not in basic.headers


async def test_1_2_a_host_that_strips_the_header_leaves_query_keys(shop: Shop) -> None:
    shop.store.modes.strips_authorization = True
    key, secret = shop.key
    async with shop.client() as http:
        basic = await http.get(CUSTOMERS, auth=shop.key)
        query = await http.get(CUSTOMERS, params={"consumer_key": key, "consumer_secret": secret})
    assert code(basic) == (401, "woocommerce_rest_cannot_view")
    assert query.status_code == 200


async def test_1_2_a_forwarded_scheme_is_no_https(shop: Shop) -> None:
    async with shop.client(base_url=PLAIN_HOME) as http:
        reply = await http.get(CUSTOMERS, auth=shop.key, headers={"X-Forwarded-Proto": "https"})
    assert code(reply) == (401, "woocommerce_rest_cannot_view")


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
@pytest.mark.parametrize("place", [SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_AUTH_HEADER])
@pytest.mark.parametrize("home", [PLAIN_HOME, HOME])
async def test_1_3_signatures_open_http_and_https(method: str, place: str, home: str) -> None:
    shop = Shop(home)
    url = f"{home}{CUSTOMERS}?role=all&search=" + quote("é ~+ö@x") + "&include=1,2,3"
    reply = await send(shop, url, signature_method=method, signature_type=place)
    assert reply.status_code == 200, reply.text


async def test_1_3_an_array_signs_as_php_reads_it(shop: Shop) -> None:
    assert (await send(shop, f"{PLAIN_HOME}{CUSTOMERS}?include%5B0%5D=1&include%5B1%5D=2")).status_code == 200
    reply = await send(shop, f"{PLAIN_HOME}{CUSTOMERS}?include%5B%5D=1")
    assert reply.json()["message"] == "Invalid signature - provided signature does not match."


async def test_1_3_the_base_string_is_exact(shop: Shop) -> None:
    """Sign by hand: sorted, each name and value encoded, the whole encoded again, the key's ampersand at its end."""
    params = {
        "search": "a b~c",
        "oauth_consumer_key": shop.key[0],
        "oauth_nonce": "n1",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(shop.clock().timestamp())),
    }
    joined = "&".join(f"{quote(name, safe='~')}={quote(params[name], safe='~')}" for name in sorted(params))
    base = "&".join(["GET", quote(PLAIN_HOME + CUSTOMERS, safe="~"), quote(joined, safe="~")])
    digest = hmac.new(f"{shop.key[1]}&".encode(), base.encode(), hashlib.sha256).digest()
    params["oauth_signature"] = base64.b64encode(digest).decode()
    async with shop.client() as http:
        assert (await http.get(f"{PLAIN_HOME}{CUSTOMERS}?{urlencode(params)}")).status_code == 200


async def test_1_3_the_signed_host_is_the_home_urls(shop: Shop) -> None:
    target, _ = signed(shop, f"{PLAIN_HOME}{CUSTOMERS}")
    async with shop.client() as http:
        moved = await http.get(target.replace("shop.example.com", "127.0.0.1:8080"))
    assert moved.status_code == 200


async def test_1_3_nonces_and_times_are_checked(shop: Shop) -> None:
    url = f"{PLAIN_HOME}{CUSTOMERS}"
    assert (await send(shop, url, nonce="same")).status_code == 200
    again = await send(shop, url, nonce="same")
    assert again.json()["message"] == "Invalid nonce - nonce has already been used."
    for offset, message in ((-901, "Invalid timestamp."), (901, "Invalid timestamp."), (-899, None), (899, None)):
        reply = await send(shop, url, timestamp=str(int(shop.clock().timestamp()) + offset))
        assert (reply.json()["message"] if message else reply.status_code) == (message or 200)
    shop.clock.turn(16 * 60)
    assert (await send(shop, url, nonce="fresh")).status_code == 200
    assert (await send(shop, url, nonce="same")).status_code == 200


async def test_1_3_each_oauth_fault_has_its_words(shop: Shop) -> None:
    url = f"{PLAIN_HOME}{CUSTOMERS}"
    async with shop.client() as http:
        target, _ = signed(shop, url)
        without_nonce = "&".join(part for part in target.split("&") if not part.startswith("oauth_nonce"))
        without_nonce = without_nonce.replace("?oauth_nonce", "?x")
        missing = await http.get(without_nonce)
        changed = await http.get(target + "&page=2")
    unknown = await send(shop, url, key=("ck_unknown", "cs_unknown"))
    plain = await send(shop, url, signature_method="PLAINTEXT")
    assert code(missing) == (401, "woocommerce_rest_authentication_missing_parameter")
    assert missing.json()["message"] == "Missing OAuth parameter oauth_nonce"
    assert unknown.json()["message"] == "Consumer key is invalid."
    assert changed.json()["message"] == "Invalid signature - provided signature does not match."
    assert plain.json()["message"] == "Invalid signature - signature method is invalid."
    assert {code(reply) for reply in (unknown, changed, plain)} == {(401, "woocommerce_rest_authentication_error")}


NOBODY = (401, "woocommerce_rest_cannot_view")
REFUSED = (401, "woocommerce_rest_authentication_error")


@pytest.mark.parametrize(
    ("who", "what", "expected"),
    [
        (("read", "administrator"), ("GET", "customers"), 200),
        (("read", "administrator"), ("POST", "customers"), REFUSED),
        (("read", "administrator"), ("PUT", "customers/1"), REFUSED),
        (("read", "administrator"), ("DELETE", "customers/1"), REFUSED),
        (("read", "administrator"), ("PUT", "nowhere"), REFUSED),
        (("write", "administrator"), ("GET", "customers"), REFUSED),
        (("write", "administrator"), ("POST", "customers"), 201),
        (("read_write", "subscriber"), ("GET", "customers"), (403, "woocommerce_rest_cannot_view")),
        (("read_write", "subscriber"), ("POST", "customers"), (403, "woocommerce_rest_cannot_create")),
        (
            ("read_write", "subscriber"),
            ("GET", "settings/email_new_order/enabled"),
            (403, "woocommerce_rest_cannot_view"),
        ),
        (("read_write", "shop_manager"), ("GET", "customers"), 200),
        (("read_write", "shop_manager"), ("GET", "system_status"), 200),
        (("read_write", "shop_manager"), ("PUT", "settings/email_new_order/enabled"), 200),
        (("read_write", "shop_manager"), ("POST", "customers"), (403, "woocommerce_rest_cannot_create")),
        (("read_write", "shop_manager"), ("POST", "customers/batch"), (403, "woocommerce_rest_cannot_batch")),
        (("read_write", None), ("GET", "customers"), NOBODY),
    ],
)
async def test_1_4_the_outcome_table(
    shop: Shop,
    who: tuple[str, str | None],
    what: tuple[str, str],
    expected: int | tuple[int, str],
) -> None:
    key, (method, path) = shop.store.add_key(*who), what
    body = {"email": "new@example.com", "value": "no"} if method in ("POST", "PUT") else None
    async with shop.client(key) as http:
        reply = await http.request(method, f"/wp-json/wc/v3/{path}", json=body)
    assert (reply.status_code if isinstance(expected, int) else code(reply)) == expected


async def test_1_4_strangers_get_401_and_a_wrong_secret_is_named(shop: Shop) -> None:
    async with shop.client() as http:
        nobody = await http.get(CUSTOMERS)
        unknown = await http.get(CUSTOMERS, auth=("ck_unknown", "cs_unknown"))
        wrong = await http.get(CUSTOMERS, auth=(shop.key[0], "cs_wrong"))
        create = await http.post(CUSTOMERS, json={"email": "new@example.com"})
    assert code(nobody) == code(unknown) == NOBODY
    assert code(wrong) == REFUSED
    assert wrong.json()["message"] == "Consumer secret is invalid."
    assert code(create) == (401, "woocommerce_rest_cannot_create")
    assert "cache-control" not in nobody.headers
    assert "allow" not in nobody.headers


async def test_1_4_meta_is_for_administrators(shop: Shop) -> None:
    made = await shop.make("ada@example.com", meta_data=[{"key": "_source_id", "value": "7"}])
    assert [row["key"] for row in made["meta_data"]] == ["_source_id"]
    async with shop.client(shop.store.add_key(role="shop_manager")) as http:
        reply = await http.get(f"{CUSTOMERS}/{made['id']}")
    assert "meta_data" not in reply.json()
    assert reply.headers["allow"] == "GET, POST, PUT, PATCH"


async def test_1_5_plain_permalinks_know_rest_route_only_and_refuse_keys_there(shop: Shop) -> None:
    shop.store.modes.plain_permalinks = True
    key, secret = shop.key
    query = {"consumer_key": key, "consumer_secret": secret}
    async with shop.client() as http:
        pretty = await http.get(CUSTOMERS, auth=shop.key)
        basic = await http.get("/", params={"rest_route": "/wc/v3/customers"}, auth=shop.key)
        keyed = await http.get("/", params={"rest_route": "/wc/v3/customers", **query})
        tricked = await http.get(f"/?rest_route=/wc/v3/customers&_r=wp-json/wc/&{urlencode(query)}")
        root = await http.get("/", params={"rest_route": "/"})
        page = await http.get("/")
    assert (pretty.status_code, pretty.headers["content-type"].partition(";")[0]) == (404, "text/html")
    assert code(basic) == (401, "invalid_username")
    assert code(keyed) == NOBODY
    assert tricked.status_code == 200
    assert root.json()["timezone_string"] == "Europe/Istanbul"
    assert page.headers["link"] == f'<{HOME}/?rest_route=/>; rel="https://api.w.org/"'


async def test_1_5_index_php_and_the_home_pages_link_work(shop: Shop) -> None:
    async with shop.client(shop.key) as http:
        assert (await http.get(f"/index.php{CUSTOMERS}")).status_code == 200
    async with shop.client() as http:
        assert (await http.get("/")).headers["link"] == f'<{HOME}/wp-json/>; rel="https://api.w.org/"'


async def test_1_7_a_post_may_stand_for_another_method(shop: Shop) -> None:
    made = await shop.make("ada@example.com")
    async with shop.client(shop.key) as http:
        path = f"{CUSTOMERS}/{made['id']}"
        put = await http.post(path, params={"_method": "PUT"}, json={"first_name": "Ada"})
        delete = await http.post(path, params={"force": "true"}, headers={"X-HTTP-Method-Override": "DELETE"})
    assert put.json()["first_name"] == "Ada"
    assert delete.status_code == 200
    assert len(shop.store.accounts) == 0


async def test_nonces_are_kept_for_each_key(shop: Shop) -> None:
    url, other = f"{PLAIN_HOME}{CUSTOMERS}", shop.store.add_key()
    replies = [await send(shop, url, nonce="same", key=key) for key in (shop.key, other, shop.key)]
    assert [reply.status_code for reply in replies] == [200, 200, 401]
