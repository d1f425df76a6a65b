"""The composition root: settings in, services out. The only module that imports a concrete platform.

Owns which parts there are and how they are joined. It must not know what any of them does.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from crossdock.compare.engine import CompareEngine
from crossdock.compare.kinds.customers import CUSTOMERS as COMPARE_CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS as COMPARE_ORDERS
from crossdock.connectors.contract import Store
from crossdock.connectors.shopify import store as shopify
from crossdock.connectors.tally import StoreTally
from crossdock.connectors.woocommerce import store as woocommerce
from crossdock.domain.errors import ConfigurationError
from crossdock.domain.kinds import CUSTOMER, ORDER, KindRegistry
from crossdock.jobs.connections import ConnectionService
from crossdock.jobs.dispatch import Background, Dispatch, Dispatcher
from crossdock.jobs.inspection import InspectionService
from crossdock.jobs.mutes import KeptMutes, MuteService
from crossdock.jobs.performing import Performer
from crossdock.jobs.platforms import Credentials, Platform
from crossdock.jobs.selections import SelectionService
from crossdock.jobs.service import RunService
from crossdock.jobs.sharing import RunQueue, SharedDispatcher
from crossdock.jobs.tokens import KeptTokens
from crossdock.jobs.toolbox import Toolbox, Waits
from crossdock.jobs.tools import Tool, Tools
from crossdock.settings import Settings
from crossdock.state import State
from crossdock.sync.kinds import CUSTOMERS as SYNC_CUSTOMERS
from crossdock.sync.kinds import ORDERS as SYNC_ORDERS

_RESTORING_GAP_SECONDS = 180.0

__all__ = ["Duty", "Platform", "Services", "Settings", "customer_tool", "open_services", "order_tool"]


class Duty(StrEnum):
    """Who works on the runs of a process: itself, workers elsewhere, or itself on everybody's as one of these."""

    EMBEDDED = "embedded"
    DESK = "desk"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that web and command line work with."""

    settings: Settings
    state: State
    connections: ConnectionService
    runs: RunService
    mutes: MuteService
    platforms: Mapping[str, Platform]
    kinds: KindRegistry
    tools: Tools
    selections: SelectionService
    inspection: InspectionService
    tallies: Mapping[str, StoreTally]
    """The requests of this process to the stores of each platform."""


def customer_tool() -> Tool:
    """Give the tool Customer Sync."""
    return Tool(kind=CUSTOMER, compare=COMPARE_CUSTOMERS, sync=SYNC_CUSTOMERS)


def order_tool() -> Tool:
    """Give the tool Order Sync."""
    return Tool(kind=ORDER, compare=COMPARE_ORDERS, sync=SYNC_ORDERS)


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    platforms: Mapping[str, Platform] | None = None,
    tools: Tools | None = None,
    takes_up_runs: bool = True,
    duty: Duty = Duty.EMBEDDED,
) -> AsyncGenerator[Services]:
    """Open everything that the settings name, and close it in the end; runs at work are left to the next start.

    `platforms` and `tools` replace the product's own, for a further kind or a platform under test. `takes_up_runs`:
    go on with the runs that other processes left, and release what they had muted. `duty` says who works on runs.

    Raises:
        StateError: the data directory or the database can't be used.
        ConfigurationError: runs are to be shared, which needs PostgreSQL and the queue's package.
    """
    state = await asyncio.to_thread(
        State.open, settings.data_dir, database_url=_text(settings.database_url), secret_key=_text(settings.secret_key)
    )
    engine = CompareEngine(settings.data_dir / "runs", settings.memory_limit)
    tallies = {"woocommerce": StoreTally(), "shopify": StoreTally()}
    platforms = _platforms(settings, state, tallies) if platforms is None else platforms
    tools = {tool.kind.name: tool for tool in (customer_tool(), order_tool())} if tools is None else tools
    connections = ConnectionService(state, platforms, _environment(settings))
    box = Toolbox(
        state=state,
        connections=connections,
        engine=engine,
        tools=tools,
        platforms=platforms,
        waits=Waits(settings.look_gap_seconds, settings.lease_seconds, settings.request_seconds),
        runs_dir=settings.data_dir / "runs",
        now=lambda: datetime.now(UTC),
        sleep=asyncio.sleep,
    )
    mutes = MuteService(
        state,
        connections,
        [tool.kind.name for tool in tools.values() if tool.sync],
        are_runs_taken_up=takes_up_runs or state.database.is_shared,
    )
    try:
        async with (
            _background() as background,
            _dispatching(box, settings, duty, takes_up_runs=takes_up_runs) as dispatch,
        ):
            if takes_up_runs and duty is not Duty.DESK:
                background.add(mutes.keep_restoring(_RESTORING_GAP_SECONDS))
            kinds = KindRegistry(tool.kind for tool in tools.values())
            pages = SelectionService(box), InspectionService(box)
            runs = RunService(box, dispatch)
            yield Services(settings, state, connections, runs, mutes, platforms, kinds, tools, *pages, tallies)
    finally:
        await connections.aclose()
        engine.close()
        await asyncio.to_thread(state.close)


@asynccontextmanager
async def _background() -> AsyncGenerator[Background]:
    background = Background()
    try:
        yield background
    finally:
        await background.aclose()


@asynccontextmanager
async def _dispatching(
    box: Toolbox, settings: Settings, duty: Duty, *, takes_up_runs: bool
) -> AsyncGenerator[Dispatch]:
    """Let runs be worked on, here or elsewhere, for the length of a block."""
    performer = Performer(box, is_alone=not box.state.database.is_shared)
    if duty is not Duty.EMBEDDED:
        shared = SharedDispatcher(box, _open_queue(box.state))
        try:
            await shared.start()
            if duty is Duty.WORKER:
                shared.work(performer, settings.runs_at_once)
            yield shared
        finally:
            await shared.aclose()
        return
    dispatcher = Dispatcher(box, performer, takes_up_runs=takes_up_runs)
    async with _background() as background:
        try:
            if takes_up_runs:
                await dispatcher.take_up()
            background.add(dispatcher.keep_taking_up(settings.lease_seconds / 2))
            yield dispatcher
        finally:
            await dispatcher.aclose()


def _open_queue(state: State) -> RunQueue:
    """Open the queue in the database; its package is loaded here, since most installations have none.

    Raises:
        ConfigurationError: `workers_need_postgresql` or `queue_not_installed`.
    """
    if not state.database.is_shared:
        raise ConfigurationError(
            "workers_need_postgresql",
            "Workers share their runs through PostgreSQL: set CROSSDOCK_DATABASE_URL, or serve without --no-worker.",
        )
    try:
        queue = import_module("crossdock.jobs.queue")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "queue_not_installed", "Workers need the queue's package: install crossdock[postgres].", str(error)
        ) from error
    return cast("Callable[[str], RunQueue]", queue.PostgresQueue)(state.database.connection_address())


def _platforms(settings: Settings, state: State, tallies: Mapping[str, StoreTally]) -> dict[str, Platform]:
    """Describe both platforms; the order is the one in which they are shown."""
    both = (_woocommerce(settings, state, tallies["woocommerce"]), _shopify(settings, state, tallies["shopify"]))
    return {platform.name: platform for platform in both}


def _woocommerce(settings: Settings, state: State, tally: StoreTally) -> Platform:
    def open_store(credentials: Credentials) -> Store:
        ca_file = credentials.settings.get("caFile")
        config = woocommerce.WooCommerceConfig(
            url=_required(credentials.settings, "url", "WooCommerce"),
            consumer_key=_required(credentials.secrets, "consumerKey", "WooCommerce"),
            consumer_secret=_required(credentials.secrets, "consumerSecret", "WooCommerce"),
            ca_file=Path(ca_file) if ca_file else None,
            settle_seconds=settings.woocommerce_settle_seconds,
            mail_delay_seconds=settings.mail_delay_seconds,
            finish_delay_seconds=settings.finish_delay_seconds,
            request_seconds=settings.request_seconds,
        )
        return woocommerce.WooCommerceStore(config, mutes=KeptMutes(state), tally=tally)

    return Platform(
        name="woocommerce",
        title="WooCommerce",
        capabilities=replace(woocommerce.CAPABILITIES, settle_seconds=settings.woocommerce_settle_seconds),
        id_patterns={CUSTOMER.name: woocommerce.customer_id_pattern, ORDER.name: woocommerce.order_id_pattern},
        settings_fields=("url", "caFile"),
        secret_fields=("consumerKey", "consumerSecret"),
        open=open_store,
    )


def _shopify(settings: Settings, state: State, tally: StoreTally) -> Platform:
    first = settings.bulk_poll_seconds

    def open_store(credentials: Credentials) -> Store:
        domain = _required(credentials.settings, "domain", "Shopify")
        base_url = settings.shopify_base_url
        config = shopify.ShopifyConfig(
            domain=domain,
            token=credentials.secrets.get("token"),
            client_id=credentials.settings.get("clientId"),
            client_secret=credentials.secrets.get("clientSecret"),
            api_version=settings.shopify_api_version,
            base_url=base_url.replace("{domain}", domain) if base_url else None,
            settle_seconds=settings.shopify_settle_seconds,
            bulk_read_threshold=settings.bulk_read_threshold,
            bulk_write_threshold=settings.bulk_write_threshold,
            poll_seconds=(first, 2 * first, 5 * first, 10 * first),
            request_seconds=settings.request_seconds,
        )
        return shopify.ShopifyStore(config, tokens=KeptTokens(state), tally=tally)

    return Platform(
        name="shopify",
        title="Shopify",
        capabilities=replace(shopify.CAPABILITIES, settle_seconds=settings.shopify_settle_seconds),
        id_patterns={CUSTOMER.name: shopify.customer_id_pattern, ORDER.name: shopify.order_id_pattern},
        settings_fields=("domain", "clientId"),
        secret_fields=("token", "clientSecret"),
        open=open_store,
    )


def _environment(settings: Settings) -> dict[str, Credentials]:
    """Gather the connections that variables name, for the pair `default`."""
    found: dict[str, Credentials] = {}
    if settings.woocommerce_url:
        found["woocommerce"] = Credentials(
            _present({"url": settings.woocommerce_url, "caFile": settings.woocommerce_ca_file}),
            _present({"consumerKey": settings.woocommerce_key, "consumerSecret": settings.woocommerce_secret}),
        )
    if settings.shopify_domain:
        found["shopify"] = Credentials(
            _present({"domain": settings.shopify_domain, "clientId": settings.shopify_client_id}),
            _present({"token": settings.shopify_token, "clientSecret": settings.shopify_client_secret}),
        )
    return found


def _present(values: Mapping[str, str | Path | SecretStr | None]) -> dict[str, str]:
    return {name: _text(value) or "" for name, value in values.items() if value is not None}


def _text(value: str | Path | SecretStr | None) -> str | None:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return None if value is None else str(value)


def _required(values: Mapping[str, str], name: str, platform: str) -> str:
    value = values.get(name)
    if not value:
        raise ConfigurationError("credentials_missing", f"The connection to {platform} lacks its {name}.")
    return value
