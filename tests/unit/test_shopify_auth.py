"""Access tokens: granted once for many, renewed in time and after a refusal, never shown."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossdock.connectors.contract import AccessToken
from crossdock.connectors.http import StoreHttp
from crossdock.connectors.shopify.auth import Tokens
from crossdock.connectors.shopify.config import ShopifyConfig
from crossdock.domain.errors import AuthenticationError, ConfigurationError, StoreUnavailableError

DOMAIN = "harbour-books.myshopify.com"


class Grants:
    """The token endpoint: numbers its tokens, and answers as told."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answers: list[Response] = []

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/admin/oauth/access_token", self._grant, methods=["POST"])])

    async def _grant(self, request: Request) -> Response:
        form = await request.form()
        self.forms.append({name: str(value) for name, value in form.items()})
        if self.answers:
            return self.answers.pop(0)
        token = f"granted-{len(self.forms)}"
        return JSONResponse({"access_token": token, "scope": "read_customers,write_customers", "expires_in": 86399})


class Kept:
    """A token store that can be shared by two processes."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None

    async def load(self, store_key: str) -> AccessToken | None:
        assert store_key == DOMAIN
        return self.token

    async def save(self, store_key: str, token: AccessToken) -> None:
        assert store_key == DOMAIN
        self.token = token


class Times:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 20, 9, tzinfo=UTC)


async def no_wait(seconds: float) -> None:
    del seconds


def client(grants: Grants, kept: Kept, now: Callable[[], datetime], token: str | None = None) -> Tokens:
    config = ShopifyConfig(DOMAIN, token=token, client_id="client", client_secret="hidden")
    http = StoreHttp(config.origin, transport=httpx2.ASGITransport(grants.app()), sleep=no_wait)
    return Tokens(config, http, kept, now=now, sleep=no_wait)


async def test_a_fixed_token_is_given_without_asking() -> None:
    grants = Grants()
    tokens = client(grants, Kept(), lambda: Times().now, token="fixed")
    assert await tokens.current() == "fixed"
    with pytest.raises(AuthenticationError):
        await tokens.renewed("fixed")
    assert grants.forms == []


async def test_many_requests_share_one_grant() -> None:
    grants, kept, times = Grants(), Kept(), Times()
    tokens = client(grants, kept, lambda: times.now)
    assert set(await asyncio.gather(*(tokens.current() for _ in range(20)))) == {"granted-1"}
    assert grants.forms == [
        {"grant_type": "client_credentials", "client_id": "client", "client_secret": "hidden"},
    ]
    assert kept.token is not None
    assert kept.token.scopes == ("read_customers", "write_customers")


async def test_a_token_is_renewed_five_minutes_early() -> None:
    grants, times = Grants(), Times()
    tokens = client(grants, Kept(), lambda: times.now)
    await tokens.current()
    times.now += timedelta(hours=23, minutes=54)
    assert await tokens.current() == "granted-1"
    times.now += timedelta(minutes=2)
    assert await tokens.current() == "granted-2"


@pytest.mark.parametrize("days", [400, -400])
async def test_a_clock_that_is_set_costs_one_grant(days: int) -> None:
    grants, times = Grants(), Times()
    tokens = client(grants, Kept(), lambda: times.now)
    token = await tokens.current()
    times.now += timedelta(days=days)
    # Set back, the token seems good for ever: it is the store that knows better.
    if days < 0:
        assert await tokens.current() == token
        await tokens.renewed(token)
    assert [await tokens.current() for _ in range(3)] == ["granted-2"] * 3
    assert len(grants.forms) == 2


async def test_a_token_that_another_process_was_granted_is_used() -> None:
    grants, kept, times = Grants(), Kept(), Times()
    await client(grants, kept, lambda: times.now).current()
    assert await client(grants, kept, lambda: times.now).current() == "granted-1"


async def test_many_refused_requests_share_one_renewal() -> None:
    grants, times = Grants(), Times()
    tokens = client(grants, Kept(), lambda: times.now)
    refused = await tokens.current()
    assert set(await asyncio.gather(*(tokens.renewed(refused) for _ in range(9)))) == {"granted-2"}
    assert len(grants.forms) == 2


async def test_a_refused_client_is_told_in_words_without_its_secret() -> None:
    grants = Grants()
    grants.answers.append(
        JSONResponse({"error": "invalid_client", "error_description": "<b>Client</b> is unknown"}, status_code=401)
    )
    with pytest.raises(AuthenticationError) as raised:
        await client(grants, Kept(), lambda: Times().now).current()
    assert "Client is unknown" in raised.value.message
    assert "hidden" not in repr(raised.value)


async def test_a_grant_is_asked_for_again_after_trouble() -> None:
    grants = Grants()
    grants.answers += [Response(status_code=502), JSONResponse({"access_token": "late", "expires_in": 86399})]
    assert await client(grants, Kept(), lambda: Times().now).current() == "late"
    grants.answers += [Response(status_code=502)] * 3
    with pytest.raises(StoreUnavailableError):
        await client(grants, Kept(), lambda: Times().now).current()


@pytest.mark.parametrize(
    "domain", ["example.com", "shop.myshopify.com.example.org", "Shop.myshopify.com", "a.b.myshopify.com", ""]
)
def test_no_other_host_gets_a_token(domain: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        ShopifyConfig(domain, token="fixed")
    assert raised.value.code == "domain_invalid"


def test_a_configuration_shows_no_secret() -> None:
    config = ShopifyConfig(DOMAIN, token="shown-never-1", client_id="shown-never-2", client_secret="shown-never-3")
    assert "shown-never" not in repr(config)


def test_credentials_are_asked_for() -> None:
    with pytest.raises(ConfigurationError) as raised:
        ShopifyConfig(DOMAIN, client_id="client")
    assert raised.value.code == "credentials_missing"
