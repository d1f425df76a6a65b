"""Own the control routes under `/_sandbox`: what tests and the demo ask about the stores, and change in them.

For loopback callers only, and bodies must be JSON, so that no page in a browser can post here unasked.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from crossdock.sandbox.stores import SandboxPair, SandboxStores

_PLATFORMS = ("woocommerce", "shopify")


def control_routes(stores: SandboxStores) -> Mount:
    """Return the routes `/_sandbox/state|mail|stock|faults|reset` over a sandbox's stores."""
    room = _ControlRoom(stores)
    return Mount(
        "/_sandbox",
        routes=[
            Route("/state", _guarded(room.state)),
            Route("/mail", _guarded(room.mail)),
            Route("/stock", _guarded(room.stock)),
            Route("/faults", _guarded(room.faults), methods=["GET"]),
            Route("/faults", _guarded(room.set_faults), methods=["POST"]),
            Route("/reset", _guarded(room.reset), methods=["POST"]),
        ],
    )


@dataclass(frozen=True, slots=True)
class _ControlRoom:
    """What the control routes answer."""

    stores: SandboxStores

    async def state(self, _: Request) -> Response:
        """Answer every store's state."""
        return self._answer(_states)

    async def mail(self, _: Request) -> Response:
        """Answer every store's mails."""
        return self._answer(_mails)

    async def stock(self, _: Request) -> Response:
        """Answer how often each store's stock was changed."""
        return self._answer(lambda pair: {name: state["stockChanges"] for name, state in _states(pair).items()})

    async def faults(self, _: Request) -> Response:
        """Answer every store's fault rules, and the writes that they met."""
        return self._answer(lambda pair: {name: pair.faults_of(name).record() for name in _PLATFORMS})

    async def set_faults(self, request: Request) -> Response:
        """Put a fault script in front of one store."""
        asked = await _json_body(request)
        rules, name = asked.get("rules", []), asked.get("platform")
        if name not in _PLATFORMS or not isinstance(rules, list):
            raise ValueError("a fault script needs platform (woocommerce or shopify) and rules (a list)")
        plan = self.stores.pair(int(asked.get("pair", 1))).faults_of(str(name))
        plan.set_rules(_objects(cast("list[object]", rules)), int(asked.get("seed", 0)))
        return JSONResponse(plan.record())

    async def reset(self, request: Request) -> Response:
        """Put one pair back to how it started, or every one."""
        asked = await _json_body(request)
        chosen = [self.stores.pair(int(asked["pair"]))] if "pair" in asked else self.stores.pairs
        for pair in chosen:
            self.stores.reset(pair)
        return JSONResponse({"reset": [pair.number for pair in chosen]})

    def _answer(self, tell: Callable[[SandboxPair], dict[str, Any]]) -> Response:
        return JSONResponse({"pairs": [{"pair": pair.number, **tell(pair)} for pair in self.stores.pairs]})


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


def _objects(rules: list[object]) -> list[dict[str, Any]]:
    if any(not isinstance(rule, dict) for rule in rules):
        raise ValueError("each fault rule must be an object")
    return cast("list[dict[str, Any]]", rules)
