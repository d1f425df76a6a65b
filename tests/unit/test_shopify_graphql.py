"""What becomes of each kind of reply: data, a wait, or an error that says what to do."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from crossdock.connectors.contract import AccessToken
from crossdock.connectors.http import StoreHttp
from crossdock.connectors.shopify.auth import Tokens
from crossdock.connectors.shopify.config import ShopifyConfig
from crossdock.connectors.shopify.documents import Document, document
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.refusals import RefusedDocumentError
from crossdock.connectors.throttle import CostBucket
from crossdock.domain.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractViolationError,
    CrossdockError,
    MissingScopeError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreUnavailableError,
    TransientError,
)

READ = document("query Read { shop { name } }", points=5)
WRITE = document("mutation Write { customerDelete(input: {id: 1}) { deletedCustomerId } }", points=10)


class Answer(msgspec.Struct):
    name: str


def cost(requested: float, available: float = 1990, *, actual: float | None = None) -> dict[str, Any]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": 100}
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}}


GOOD = {"data": {"name": "Harbour Books"}, "extensions": cost(5, actual=5)}


def failed(code: str, message: str = "No", **extensions: object) -> dict[str, Any]:
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code, **extensions}}]}


class Shop:
    """A store that gives the listed replies in turn, on a clock that moves only by waiting."""

    def __init__(self, *replies: Response | dict[str, Any]) -> None:
        self.replies = list(replies)
        self.tokens: list[str] = []
        self.waited: list[float] = []
        self.time = 0.0
        config = ShopifyConfig("harbour-books.myshopify.com", client_id="client", client_secret="hidden")
        app = Starlette(
            routes=[
                Route("/admin/api/2026-10/graphql.json", self._answer, methods=["POST"]),
                Route("/admin/oauth/access_token", self._grant, methods=["POST"]),
            ]
        )
        http = StoreHttp(config.origin, transport=httpx2.ASGITransport(app), sleep=self._sleep)
        self.grants = 0
        self.graphql = GraphQL(
            http,
            Tokens(config, http, self, now=_long_ago, sleep=self._sleep),
            CostBucket(clock=lambda: self.time, sleep=self._sleep),
            version="2026-10",
            sleep=self._sleep,
        )

    async def load(self, store_key: str) -> AccessToken | None:
        del store_key
        return None

    async def save(self, store_key: str, token: AccessToken) -> None:
        del store_key, token

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.time += seconds

    async def _grant(self, request: Request) -> Response:
        del request
        self.grants += 1
        return JSONResponse({"access_token": f"token-{self.grants}", "expires_in": 86399})

    async def _answer(self, request: Request) -> Response:
        self.tokens.append(request.headers["x-shopify-access-token"])
        reply = self.replies.pop(0)
        return JSONResponse(reply) if isinstance(reply, dict) else reply


def _long_ago() -> datetime:
    return datetime(2026, 10, 20, tzinfo=UTC)


async def test_data_comes_as_the_asked_shape() -> None:
    assert await Shop(GOOD).graphql.query(READ, {}, Answer) == Answer("Harbour Books")


@pytest.mark.parametrize("sent", [READ, WRITE], ids=["read", "write"])
async def test_what_a_server_says_before_its_answer_does_not_hide_it(sent: Document) -> None:
    notice = b"<br />\n<b>Notice</b>: Undefined index [1]<br />\n"
    shop = Shop(Response(notice + msgspec.json.encode(GOOD), media_type="application/json"))
    assert await shop.graphql.mutate(sent, {}, Answer) == Answer("Harbour Books")


@pytest.mark.parametrize("sent", [READ, WRITE], ids=["read", "write"])
async def test_a_throttled_request_waits_for_its_points_and_is_sent_again(sent: Document) -> None:
    throttled = {**failed("THROTTLED", "Throttled"), "extensions": cost(752, 318)}
    shop = Shop(throttled, GOOD)
    await shop.graphql.mutate(sent, {}, Answer)
    assert sum(shop.waited) == pytest.approx((752 - 318) / 100, abs=0.1)
    assert len(shop.tokens) == 2


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    refused = JSONResponse({"errors": "[API] Invalid API key or access token"}, status_code=401)
    shop = Shop(refused, GOOD)
    await shop.graphql.mutate(WRITE, {}, Answer)
    assert shop.tokens == ["token-1", "token-2"]
    shop = Shop(refused, JSONResponse({"errors": "[API] Invalid"}, status_code=401))
    with pytest.raises(AuthenticationError):
        await shop.graphql.mutate(WRITE, {}, Answer)


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (failed("MAX_COST_EXCEEDED"), ContractViolationError, "cost_exceeded"),
        (failed("ACCESS_DENIED", requiredAccess="`write_customers`"), MissingScopeError, "missing_scope"),
        (
            failed("ACCESS_DENIED", "This app is not approved to access the Customer object."),
            MissingScopeError,
            "protected_customer_data",
        ),
        (failed("INVALID_VARIABLE"), RefusedDocumentError, "document_refused"),
        (failed("undefinedField"), RefusedDocumentError, "document_refused"),
        (Response(status_code=402), ConfigurationError, "store_frozen"),
        (Response(status_code=403), MissingScopeError, "access_forbidden"),
        (Response(status_code=423), ConfigurationError, "store_locked"),
        (Response("Rejected", status_code=430), ConfigurationError, "security_rejection"),
    ],
)
async def test_a_refused_write_was_not_carried_out(
    reply: Response | dict[str, Any], kind: type[CrossdockError], code: str
) -> None:
    with pytest.raises(kind) as raised:
        await Shop(reply).graphql.mutate(WRITE, {}, Answer)
    assert raised.value.code == code


async def test_a_missing_permission_is_named() -> None:
    with pytest.raises(MissingScopeError) as raised:
        await Shop(failed("ACCESS_DENIED", requiredAccess="`write_customers` access scope.")).graphql.query(
            READ, {}, Answer
        )
    assert "write_customers" in raised.value.message


@pytest.mark.parametrize(
    "reply",
    [
        failed("INTERNAL_SERVER_ERROR"),
        {"errors": [{"message": "no code"}]},
        Response(status_code=502),
        Response(status_code=504),
        HTMLResponse("<html>challenge</html>"),
        Response(b'{"data": {"na', media_type="application/json"),
        {"data": {"unexpected": 1}},
    ],
)
async def test_an_undecided_write_is_sent_once_and_said_to_be_unknown(reply: Response | dict[str, Any]) -> None:
    shop = Shop(reply)
    with pytest.raises(OutcomeUnknownError):
        await shop.graphql.mutate(WRITE, {}, Answer)
    assert len(shop.tokens) == 1


@pytest.mark.parametrize(
    "reply",
    [failed("INTERNAL_SERVER_ERROR"), Response(status_code=503), HTMLResponse("<html>maintenance</html>")],
)
async def test_a_read_is_repeated_after_trouble(reply: Response | dict[str, Any]) -> None:
    shop = Shop(reply, GOOD)
    assert await shop.graphql.query(READ, {}, Answer) == Answer("Harbour Books")


async def test_a_read_gives_up_in_the_end() -> None:
    shop = Shop(*[failed("INTERNAL_SERVER_ERROR")] * 9)
    with pytest.raises(StoreUnavailableError):
        await shop.graphql.query(READ, {}, Answer)
    assert len(shop.tokens) == 4


async def test_an_unknown_shape_of_data_names_the_field_and_no_value() -> None:
    with pytest.raises(ContractViolationError) as raised:
        await Shop({"data": {"name": 12345}}).graphql.query(READ, {}, Answer)
    assert "$.name" in raised.value.detail
    assert "12345" not in repr(raised.value)


async def test_the_request_is_named_for_shopifys_support() -> None:
    reply = JSONResponse(failed("undefinedField"), headers={"X-Request-Id": "abc-123"})
    with pytest.raises(ContractViolationError) as raised:
        await Shop(reply).graphql.query(READ, {}, Answer)
    assert "abc-123" in raised.value.detail


async def test_another_version_than_asked_stops_reads_and_keeps_the_answer_of_a_write() -> None:
    fallen = {"X-Shopify-API-Version": "2026-01"}
    with pytest.raises(ContractViolationError) as raised:
        await Shop(JSONResponse(GOOD, headers=fallen)).graphql.query(READ, {}, Answer)
    assert raised.value.code == "api_version_changed"
    assert await Shop(JSONResponse(GOOD, headers=fallen)).graphql.mutate(WRITE, {}, Answer) == Answer("Harbour Books")


async def test_the_cost_that_a_reply_tells_is_reserved_from_then_on() -> None:
    dear = {"data": {"name": "x"}, "extensions": cost(900, 1000, actual=900)}
    drained = {"data": {"name": "x"}, "extensions": cost(900, 100, actual=900)}
    shop = Shop(dear, drained, GOOD)
    await shop.graphql.query(READ, {}, Answer)
    await shop.graphql.query(READ, {}, Answer)
    assert shop.waited == []
    await shop.graphql.query(READ, {}, Answer)
    assert sum(shop.waited) == pytest.approx(8, abs=0.1)


CHALLENGE = "<!DOCTYPE html><html><title>Just a moment...</title></html>"


@pytest.mark.parametrize("sent", [READ, WRITE], ids=["read", "write"])
async def test_a_challenge_is_no_word_of_shopify_about_the_app(sent: Document) -> None:
    shop = Shop(*(HTMLResponse(CHALLENGE, 403) for _ in range(5)))
    with pytest.raises(StoreUnavailableError) as caught:
        await shop.graphql.query(sent, {}, Answer)
    assert caught.value.code == "html_answer"


async def test_a_refusal_in_shopifys_own_words_is_one() -> None:
    with pytest.raises(MissingScopeError) as caught:
        await Shop(JSONResponse({"errors": "Forbidden"}, 403)).graphql.query(WRITE, {}, Answer)
    assert caught.value.code == "access_forbidden"


@pytest.mark.parametrize(
    "trouble",
    [
        Response(status_code=429),
        Response(status_code=502),
        HTMLResponse(CHALLENGE),
        HTMLResponse(CHALLENGE, 403),
        Response('{"data":', media_type="application/json"),
    ],
)
async def test_only_a_mutation_that_may_be_sent_twice_is_sent_again_after_trouble(trouble: Response) -> None:
    shop = Shop(trouble, trouble, GOOD)
    assert await shop.graphql.mutate_again(WRITE, {}, Answer) == Answer("Harbour Books")
    shop = Shop(trouble, GOOD)
    with pytest.raises((TransientError, OutcomeUnknownError)):
        await shop.graphql.mutate(WRITE, {}, Answer)
    assert len(shop.replies) == 1


async def test_what_stays_in_trouble_is_given_up_after_four_tries_and_a_long_wait_at_once() -> None:
    shop = Shop(*(Response(status_code=502) for _ in range(5)))
    with pytest.raises(OutcomeUnknownError):
        await shop.graphql.mutate_again(WRITE, {}, Answer)
    assert (len(shop.replies), shop.waited) == (1, [1.0, 3.0, 9.0])
    shop = Shop(Response(status_code=429, headers={"retry-after": "600"}), GOOD)
    with pytest.raises(RateLimitedError):
        await shop.graphql.mutate_again(WRITE, {}, Answer)
    assert (len(shop.replies), shop.waited) == (1, [])
