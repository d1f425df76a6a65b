"""The Shopify sandbox on HTTP: addresses, tokens, versions, request errors, cost and throttling.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from crossdock.sandbox.shopify.app import create_app
from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.tokens import ALL_SCOPES

PAGE = "query Page($first: Int!) { customers(first: $first) { nodes { id email } } }"


class Shop:
    """A store under test with a clock that only moves when told."""

    def __init__(
        self, *, plan: str = "standard", scopes: Sequence[str] = ALL_SCOPES, is_development: bool = False
    ) -> None:
        self.time = datetime(2026, 10, 20, 9, 30, 15, 400_000, tzinfo=UTC)
        self.store = ShopifyStore(
            "harbour-books.myshopify.com", clock=lambda: self.time, plan=plan, is_development=is_development
        )
        self.token = self.store.issue_token(scopes=scopes)
        self.app = create_app(self.store)

    def wait(self, seconds: float) -> None:
        """Move the clock."""
        self.time += timedelta(seconds=seconds)

    async def send(self, method: str, path: str, *, token: str | None = None, **request: Wire) -> httpx2.Response:
        """Send one HTTP request to the store."""
        headers = {"X-Shopify-Access-Token": self.token if token is None else token}
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com") as client:
            return await client.request(method, path, headers=headers, **request)

    async def reply(self, query: str, /, **variables: Wire) -> dict[str, Any]:
        """Send a document and answer the whole body."""
        content = {"query": query, "variables": variables}
        response = await self.send("POST", "/admin/api/2026-10/graphql.json", json=content)
        assert response.status_code == 200
        return response.json()

    async def data(self, query: str, /, **variables: Wire) -> Wire:
        """Send a document that must succeed and answer its one root field."""
        body = await self.reply(query, **variables)
        assert "errors" not in body, body["errors"]
        (value,) = body["data"].values()
        return value


def people(count: int) -> list[SeedCustomer]:
    return [SeedCustomer(email=f"reader{number}@example.com", first_name="Ada") for number in range(count)]


async def test_only_the_versioned_graphql_route_answers_and_names_request_and_version() -> None:
    """§9.1, §7."""
    shop = Shop()
    response = await shop.send("POST", "/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"})
    assert response.headers["x-shopify-api-version"] == "2026-10"
    assert len(response.headers["x-request-id"]) == 36
    assert (await shop.send("GET", "/admin/api/2026-10/graphql.json")).status_code == 405
    assert (await shop.send("POST", "/admin/api/2026-10/customers.json", json={})).status_code == 404
    assert (
        await shop.send("POST", "/admin/api/newest/graphql.json", json={"query": "{ shop { id } }"})
    ).status_code == 404


async def test_an_unsupported_version_falls_forward_to_the_oldest_supported() -> None:
    """§1.4: the header names the version that was served."""
    response = await Shop().send("POST", "/admin/api/2024-07/graphql.json", json={"query": "{ shop { name } }"})
    assert response.headers["x-shopify-api-version"] == "2026-01"


async def test_the_store_can_be_mounted_and_hands_out_addresses_under_its_mount() -> None:
    shop = Shop()
    shop.app = Starlette(routes=[Mount("/demo/shopify", shop.app)])
    query = """mutation($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
      stagedTargets { url } userErrors { message } } }"""
    given = [
        {"resource": "BULK_MUTATION_VARIABLES", "filename": "a.jsonl", "mimeType": "text/jsonl", "httpMethod": "POST"}
    ]
    response = await shop.send(
        "POST", "/demo/shopify/admin/api/2026-10/graphql.json", json={"query": query, "variables": {"input": given}}
    )
    (target,) = response.json()["data"]["stagedUploadsCreate"]["stagedTargets"]
    assert target["url"] == "http://shop.example.com/demo/shopify/staged-uploads/"


async def test_a_bad_token_is_401_with_the_recorded_body() -> None:
    """§1.4."""
    shop = Shop()
    response = await shop.send("POST", "/admin/api/2026-10/graphql.json", token="no", json={"query": "{ shop { id } }"})
    assert response.status_code == 401
    message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
    assert response.json() == {"errors": message}
    shop.store.revoke_tokens()
    assert (await shop.send("POST", "/admin/api/2026-10/graphql.json", json={})).status_code == 401


async def test_client_credentials_give_a_token_that_ends_after_24_hours() -> None:
    """§7, §9.8."""
    shop = Shop()
    shop.store.add_client("sync-app", "s3cret", ["read_customers"])
    form = {"grant_type": "client_credentials", "client_id": "sync-app", "client_secret": "s3cret"}
    granted = (await shop.send("POST", "/admin/oauth/access_token", data=form)).json()
    assert granted["scope"] == "read_customers"
    assert granted["expires_in"] == 86399
    shop.token = granted["access_token"]
    assert (await shop.reply(PAGE, first=1))["data"]["customers"]["nodes"] == []
    shop.wait(24 * 3600)
    assert (await shop.send("POST", "/admin/api/2026-10/graphql.json", json={"query": PAGE})).status_code == 401
    wrong = await shop.send("POST", "/admin/oauth/access_token", data={**form, "client_secret": "guess"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


async def test_a_missing_scope_is_access_denied_within_a_200() -> None:
    """§1.4; and §4.7: a client reads its scopes from the app installation."""
    shop = Shop(scopes=["read_orders"])
    body = await shop.reply(PAGE, first=1)
    (error,) = body["errors"]
    assert error["message"].startswith("Access denied for customers field. Required access: `read_customers`")
    assert error["path"] == ["customers"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_customers` access scope."
    assert body["data"] is None
    installation = await shop.data("{ currentAppInstallation { app { title } accessScopes { handle } } }")
    assert installation["accessScopes"] == [{"handle": "read_orders"}]


async def test_reading_is_no_right_to_write() -> None:
    shop = Shop(scopes=["read_customers"])
    body = await shop.reply('mutation { customerCreate(input: {email: "a@example.com"}) { customer { id } } }')
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert len(shop.store.customers) == 0


async def test_customer_data_can_be_unapproved() -> None:
    """§1.4, protected customer data."""
    shop = Shop()
    shop.store.behaviour.is_customer_data_approved = False
    (error,) = (await shop.reply(PAGE, first=1))["errors"]
    assert error["message"].startswith("This app is not approved to access the Customer object.")
    assert error["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        (
            "{ customers(first: 1) { nodes { mail } } }",
            "Field 'mail' doesn't exist on type 'Customer'",
            "undefinedField",
        ),
        ("{ customer { id } }", "Field 'customer' is missing required arguments: id", "missingRequiredArguments"),
        (
            "{ customers(first: 1, sortKey: EMAIL) { nodes { id } } }",
            "Argument 'sortKey' on Field 'customers' has an invalid value (EMAIL). Expected type 'CustomerSortKeys'.",
            "argumentLiteralsIncompatible",
        ),
        ("{ shop(id: 1) { id } }", "Field 'shop' doesn't accept argument 'id'", "argumentNotAccepted"),
    ],
)
async def test_a_document_that_does_not_fit_has_neither_data_nor_cost(query: str, message: str, code: str) -> None:
    """§1.2, §1.4."""
    shop = Shop()
    body = await shop.reply(query)
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"] == message
    assert body["errors"][0]["extensions"]["code"] == code
    assert shop.store.state()["pointsUsed"] == 0


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"emial": "a@example.com"}, "emial (Field is not defined on CustomerInput)"),
        ({"tags": ["a", None]}, "tags.1 (Expected value to not be null)"),
        ({"taxExempt": "perhaps"}, 'taxExempt (Could not coerce value "perhaps" to Boolean)'),
        (
            {"emailMarketingConsent": {"marketingState": "SUBSCRIBED", "consentUpdatedAt": "soon"}},
            "emailMarketingConsent.consentUpdatedAt (invalid DateTime 'soon')",
        ),
    ],
)
async def test_a_variable_of_the_wrong_shape_says_where(given: dict[str, Any], place: str) -> None:
    """§1.4, INVALID_VARIABLE."""
    query = "mutation($input: CustomerInput!) { customerCreate(input: $input) { customer { id } } }"
    body = await Shop().reply(query, input=given)
    (error,) = body["errors"]
    assert error["message"] == f"Variable $input of type CustomerInput! was provided invalid value for {place}"
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["value"] == given
    assert error["locations"] == [{"line": 1, "column": 10}]
    assert "data" not in body


async def test_a_missing_variable_and_an_empty_identifier_have_the_recorded_words() -> None:
    """§1.4."""
    shop = Shop()
    query = "query($i: CustomerIdentifierInput!) { customerByIdentifier(identifier: $i) { id } }"
    (missing,) = (await shop.reply(query))["errors"]
    assert missing["message"] == "Variable $i of type CustomerIdentifierInput! was provided invalid value"
    assert missing["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]
    (empty,) = (await shop.reply(query, i={}))["errors"]
    explanation = "'CustomerIdentifierInput' requires exactly one argument, but 0 were provided."
    assert empty["extensions"]["problems"] == [{"path": [], "explanation": explanation}]


async def test_an_input_array_above_250_is_refused() -> None:
    """§1.4, §9.2."""
    query = "mutation($input: CustomerInput!) { customerCreate(input: $input) { customer { id } } }"
    (error,) = (await Shop().reply(query, input={"tags": [str(number) for number in range(251)]}))["errors"]
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert error["path"] == ["customerCreate", "input", "tags"]


async def test_a_page_needs_a_size_of_at_most_250_and_an_id_its_form() -> None:
    """§1.4, §1.5: run-time errors carry data and cost."""
    shop = Shop()
    body = await shop.reply("{ customers { nodes { id } } }")
    assert body["errors"][0]["message"] == "you must provide one of first or last"
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert body["data"] is None
    assert "cost" in body["extensions"]
    assert (await shop.reply(PAGE, first=251))["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    (error,) = (await shop.reply('{ customer(id: "12") { id } }'))["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Invalid id: 12", "RESOURCE_NOT_FOUND")
    assert await shop.data('{ customer(id: "gid://shopify/Customer/12") { id } }') is None


async def test_each_executed_reply_reports_its_cost_and_refunds_what_it_did_not_use() -> None:
    """§1.2, §1.3: 250 customers cost 13 when asked for and 2 when there are none."""
    shop = Shop()
    cost = (await shop.reply(PAGE, first=250))["extensions"]["cost"]
    assert cost == {
        "requestedQueryCost": 13,
        "actualQueryCost": 2,
        "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1998, "restoreRate": 100.0},
    }
    shop.store.seed(people(250))
    shop.wait(60)
    cost = (await shop.reply(PAGE, first=250))["extensions"]["cost"]
    assert (cost["actualQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (13, 1987)


async def test_a_query_above_1000_points_is_never_run() -> None:
    """§1.4, MAX_COST_EXCEEDED."""
    fields = "\n".join(f"a{number}: customers(first: 250) {{ nodes {{ id }} }}" for number in range(80))
    (error,) = (await Shop(plan="plus").reply(f"{{ {fields} }}"))["errors"]
    assert error["message"].startswith("Query cost is 1040, which exceeds the single query max cost limit (1000).")
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert (error["extensions"]["cost"], error["extensions"]["maxCost"]) == (1040, 1000)


async def test_a_throttled_request_is_a_200_that_did_nothing_and_the_bucket_refills() -> None:
    """§1.4, §9.3."""
    shop = Shop()
    create = 'mutation { customerCreate(input: {firstName: "Ada"}) { customer { id } } }'
    bodies = [await shop.reply(create) for _ in range(201)]
    throttled = bodies[-1]
    assert "data" not in throttled
    assert throttled["errors"][0]["message"] == "Throttled"
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = throttled["extensions"]["cost"]
    assert (cost["actualQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (None, 0)
    assert len(shop.store.customers) == 200
    assert shop.store.state()["throttled"] == 1
    shop.wait(0.1)
    assert "data" in await shop.reply(create)


async def test_the_plan_sets_the_bucket_and_the_platform_may_lower_the_rate() -> None:
    """§1.1."""
    shop = Shop(plan="plus")
    status = (await shop.reply("{ shop { id } }"))["extensions"]["cost"]["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (20000.0, 1000.0)
    shop.store.lower_rate(0.25)
    status = (await shop.reply("{ shop { id } }"))["extensions"]["cost"]["throttleStatus"]
    assert status["restoreRate"] == 250.0


async def test_apps_have_buckets_of_their_own() -> None:
    """§1.1: leaky bucket per app and store."""
    shop = Shop()
    shop.store.add_client("other-app", "s3cret")
    form = {"grant_type": "client_credentials", "client_id": "other-app", "client_secret": "s3cret"}
    await shop.reply('mutation { customerCreate(input: {firstName: "Ada"}) { customer { id } } }')
    shop.token = (await shop.send("POST", "/admin/oauth/access_token", data=form)).json()["access_token"]
    status = (await shop.reply("{ shop { id } }"))["extensions"]["cost"]["throttleStatus"]
    assert status["currentlyAvailable"] == 1999


async def test_nobody_is_mailed_and_no_stock_moves() -> None:
    shop = Shop()
    await shop.data('mutation { customerCreate(input: {email: "ada@example.com"}) { customer { id } } }')
    state = shop.store.state()
    assert (state["mails"], state["stockChanges"], state["customers"]) == (0, 0, 1)
    shop.store.reset()
    assert shop.store.state()["customers"] == 0
    assert (await shop.data("{ customersCount { count } }"))["count"] == 0
