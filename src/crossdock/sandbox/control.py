"""Own the control routes under `/_sandbox`: what tests and the demo ask about the stores, and change in them.

For loopback callers only, and bodies must be JSON, so that no page in a browser can post here unasked.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from crossdock.sandbox.stores import SandboxPair, SandboxStores

_PLATFORMS = ("woocommerce", "shopify")


def control_routes(stores: SandboxStores) -> Mount:
    """Return the routes `/_sandbox/state|mail|stock|faults|reset` over a sandbox's stores."""

    async def state(_: Request) -> Response:
        return _answer(
            stores,
            lambda pair: {"woocommerce": pair.woo.state(), "shopify": pair.shopify.state()},
        )

    async def mail(_: Request) -> Response:
        return _answer(stores, _mails)

    async def stock(_: Request) -> Response:
        return _answer(
            stores,
            lambda pair: {name: state["stockChanges"] for name, state in _states(pair).items()},
        )

    async def faults(_: Request) -> Response:
        return _answer(stores, lambda pair: {name: pair.faults_of(name).record() for name in _PLATFORMS})

    async def set_faults(request: Request) -> Response:
        asked = await _json_body(request)
        rules, platform = asked.get("rules", []), asked.get("platform")
        if platform not in _PLATFORMS or not isinstance(rules, list):
            raise ValueError("a fault script needs platform (woocommerce or shopify) and rules (a list)")
        plan = stores.pair(int(asked.get("pair", 1))).faults_of(str(platform))
        plan.set_rules(cast("list[dict[str, Any]]", rules), int(asked.get("seed", 0)))
        return JSONResponse(plan.record())

    async def reset(request: Request) -> Response:
        asked = await _json_body(request)
        chosen = [stores.pair(int(asked["pair"]))] if "pair" in asked else stores.pairs
        for pair in chosen:
            stores.reset(pair)
        return JSONResponse({"reset": [pair.number for pair in chosen]})

    return Mount(
        "/_sandbox",
        routes=[
            Route("/state", _guarded(state)),
            Route("/mail", _guarded(mail)),
            Route("/stock", _guarded(stock)),
            Route("/faults", _guarded(faults), methods=["GET"]),
            Route("/faults", _guarded(set_faults), methods=["POST"]),
            Route("/reset", _guarded(reset), methods=["POST"]),
        ],
    )


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler that answers loopback callers only, and a wrong question with 400."""

    async def guarded(request: Request) -> Response:
        if request.client is None or not _is_loopback(request.client.host):
            return JSONResponse({"error": "control routes answer on loopback only"}, status_code=403)
        try:
            return await handler(request)
        except LookupError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _json_body(request: Request) -> dict[str, Any]:
    body = await request.body()
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise ValueError("the body must be application/json")
    value: object = await request.json() if body.strip() else {}
    if not isinstance(value, dict):
        raise TypeError("the body must be an object")
    return cast("dict[str, Any]", value)


def _states(pair: SandboxPair) -> dict[str, dict[str, Any]]:
    return {"woocommerce": pair.woo.state(), "shopify": pair.shopify.state()}


def _mails(pair: SandboxPair) -> dict[str, Any]:
    """Return counts and what left; Shopify keeps no outbox, its mails are a number."""
    states = _states(pair)
    return {
        "woocommerce": {**states["woocommerce"]["mails"], "outbox": pair.woo.outbox.listing()},
        "shopify": {"sent": states["shopify"]["mails"]},
    }


def _answer(stores: SandboxStores, tell: Callable[[SandboxPair], dict[str, Any]]) -> Response:
    return JSONResponse({"pairs": [{"pair": pair.number, **tell(pair)} for pair in stores.pairs]})
