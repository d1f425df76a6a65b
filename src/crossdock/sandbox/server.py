"""Own the sandbox as a whole: every pair's stores and the control routes as one application, and what to tell about it.

Knows neither how a store answers nor any connector.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette

from crossdock.sandbox import serving
from crossdock.sandbox.control import control_routes
from crossdock.sandbox.options import ApiKeys, SandboxOptions
from crossdock.sandbox.stores import SandboxPair, SandboxStores


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox ready to be served at its base URL; `pairs` are its stores, for tests that look inside."""

    base_url: str
    app: Starlette
    pairs: list[SandboxPair]

    @property
    def keys(self) -> list[ApiKeys]:
        """Return what a caller needs to reach each pair, in order."""
        return [pair.keys for pair in self.pairs]


def utc_now() -> datetime:
    """Return the time of day, aware."""
    return datetime.now(UTC)


def build_sandbox(
    base_url: str,
    options: SandboxOptions | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Sandbox:
    """Make and fill the stores; `base_url` must be the address that the application is served at.

    Raises:
        OSError: the folder to load from can't be read.
        ValueError: its records or the fault script aren't valid.

    """
    stores = SandboxStores(base_url, options or SandboxOptions(), clock)
    app = Starlette(routes=[control_routes(stores), *stores.routes()])
    return Sandbox(stores.base_url, app, stores.pairs)


def serve(
    port: int,
    host: str = "127.0.0.1",
    options: SandboxOptions | None = None,
    *,
    tell: Callable[[Sandbox], None],
) -> None:
    """Make a sandbox and serve it until the process is told to stop; port 0 takes a free one.

    `tell` is called once, when the port is open: with `describe` it prints where everything is.
    """
    listener = serving.listen(port, host)
    sandbox = build_sandbox(serving.address_of(listener), options)
    tell(sandbox)
    serving.serve(sandbox.app, listener)


def describe(sandbox: Sandbox) -> str:
    """Return the addresses and keys of every pair as text for a person."""
    lines: list[str] = []
    for keys in sandbox.keys:
        lines += [
            f"Pair {keys.pair}",
            f"  WooCommerce  {keys.woo_url}",
            f"    consumer key     {keys.consumer_key}",
            f"    consumer secret  {keys.consumer_secret}",
            f"  Shopify      {keys.shopify_domain} at {keys.shopify_base_url}",
            f"    access token     {keys.shopify_token}",
            f"    client id        {keys.shopify_client_id}",
            f"    client secret    {keys.shopify_client_secret}",
        ]
    lines.append(f"Control      {sandbox.base_url}/_sandbox/state")
    return "\n".join(lines)


def describe_json(sandbox: Sandbox) -> str:
    """Return the same as JSON for a script: `{"baseUrl", "pairs": [keys]}`."""
    return json.dumps({"baseUrl": sandbox.base_url, "pairs": [asdict(keys) for keys in sandbox.keys]}, indent=2)
