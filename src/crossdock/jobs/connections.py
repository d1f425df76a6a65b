"""Connections: which stores a pair joins, and the connectors that are open on them.

Owns opening and keeping one connector a store in this process, so that a store's rate budget is shared by all runs on
it. It must not know a concrete platform or where settings come from.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from crossdock.connectors.contract import Finding, FindingLevel, Store, StoreInfo
from crossdock.domain.errors import ConfigurationError, CrossdockError, InvalidRequestError, NotFoundError
from crossdock.jobs.platforms import Credentials, Platform
from crossdock.jobs.requests import DEFAULT_PAIR
from crossdock.state import State, StoreConnection

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Connection:
    """A store that a pair is connected to, without its secrets. `info` holds what the store said of itself."""

    pair: str
    platform: str
    settings: Mapping[str, str]
    store_key: str
    info: Mapping[str, Any]
    is_from_environment: bool


class ConnectionService:
    """The connections of all pairs. Those of the pair `default` that the environment names win over kept ones."""

    def __init__(self, state: State, platforms: Mapping[str, Platform], environment: Mapping[str, Credentials]) -> None:
        self._state = state
        self._platforms = platforms
        self._environment = {platform: _stripped(credentials) for platform, credentials in environment.items()}
        self._open: dict[tuple[str, str], Store] = {}
        self._retired: list[Store] = []
        self._lock = asyncio.Lock()

    async def pairs(self) -> Sequence[str]:
        """List the names of all pairs, `default` first."""
        return await asyncio.to_thread(self._state.pairs.names)

    async def create_pair(self, name: str) -> None:
        """Make a pair without connections.

        Raises:
            InvalidRequestError: the name is taken or malformed.
        """
        await asyncio.to_thread(self._state.pairs.create, name)

    async def delete_pair(self, name: str) -> None:
        """Forget a pair and its connections; its runs and links stay.

        Raises:
            NotFoundError: there is none of that name.
            InvalidRequestError: it is `default`.
            StoreBusyError: a run of it has not ended.
        """
        await asyncio.to_thread(self._state.pairs.delete, name)
        for platform in self._platforms:
            self._retire((name, platform))

    async def get(self, pair: str, platform: str) -> Connection | None:
        """Look a connection up; None when the pair has no such store.

        Raises:
            NotFoundError: there is no such pair or platform.
        """
        self.platform(platform)
        if pair == DEFAULT_PAIR and platform in self._environment:
            return await self._from_environment(platform)
        kept = await asyncio.to_thread(self._state.pairs.connection, pair, platform)
        return None if kept is None else _shown(kept)

    async def put(
        self, pair: str, platform: str, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> Connection:
        """Contact the store, fix its key and keep the connection; a refused one is not kept.

        Space around a value is dropped. A run at work goes on with the credentials that it began with.

        Raises:
            ConfigurationError: the store can't be used so.
            TransientError: it can't be reached now.
            InvalidRequestError: the pair's store is set by the environment, or a field is unknown or missing.
        """
        described = self.platform(platform)
        if pair == DEFAULT_PAIR and platform in self._environment:
            raise InvalidRequestError(
                "set_by_environment",
                f"{described.title} of the pair default is set by the program's variables; change them there.",
                field="platform",
            )
        _check_fields(described, settings, secrets)
        given = _stripped(Credentials(settings, secrets))
        store = await asyncio.to_thread(_open_store, described, given)
        try:
            info = await store.info()
            findings = await store.check()
        finally:
            await store.aclose()
        refuse_blockers(findings)
        kept = StoreConnection(
            pair=pair,
            platform=platform,
            settings=dict(given.settings),
            store_key=info.key,
            info=info_as_json(info),
        )
        await asyncio.to_thread(self._state.pairs.put_connection, kept, dict(given.secrets))
        self._retire((pair, platform))
        return _shown(kept)

    async def delete(self, pair: str, platform: str) -> None:
        """Forget a connection with its secrets; none there is fine.

        Raises:
            StoreBusyError: a run of the pair has not ended.
            NotFoundError: there is no such pair or platform.
        """
        self.platform(platform)
        await asyncio.to_thread(self._state.pairs.delete_connection, pair, platform)
        self._retire((pair, platform))

    async def check(self, pair: str, platform: str) -> Sequence[Finding]:
        """Try every capability that Crossdock needs of a connected store.

        Raises:
            ConfigurationError: the pair has no such store.
        """
        store = await self.open(pair, platform)
        return await store.check()

    async def open(self, pair: str, platform: str) -> Store:
        """Give the connector of a pair's store, opened once in this process.

        Raises:
            ConfigurationError: `not_connected`, the pair has no such store; or its credentials can't be used.
            NotFoundError: there is no such pair or platform.
        """
        described = self.platform(platform)
        async with self._lock:
            store = self._open.get((pair, platform))
            if store is None:
                credentials = await self._credentials(pair, described)
                # Reading the authorities that are trusted takes longer than the event loop may be held up.
                store = await asyncio.to_thread(_open_store, described, credentials)
                self._open[pair, platform] = store
            return store

    async def open_by_key(self, store_key: str) -> Store | None:
        """Give a connector to the store of that key, whichever pair has it; None when no pair has, or none opens.

        Only stores whose key is not known are contacted: those of the environment, all at once.
        """
        for kept in await asyncio.to_thread(self._state.pairs.connections):
            is_overruled = kept.pair == DEFAULT_PAIR and kept.platform in self._environment
            if kept.store_key == store_key and not is_overruled:
                try:
                    return await self.open(kept.pair, kept.platform)
                except CrossdockError as error:
                    _LOG.warning("store_not_opened", pair=kept.pair, platform=kept.platform, code=error.code)
        asked = [asyncio.create_task(self._with_key(platform)) for platform in self._environment]
        try:
            for answer in asyncio.as_completed(asked):
                key, store = await answer
                if key == store_key:
                    return store
        finally:
            for task in asked:
                task.cancel()
        return None

    async def aclose(self) -> None:
        """Close every connector."""
        for key in list(self._open):
            self._retire(key)
        while self._retired:
            await self._retired.pop().aclose()

    def platform(self, name: str) -> Platform:
        """Look a platform up.

        Raises:
            NotFoundError: there is none of that name.
        """
        described = self._platforms.get(name)
        if described is None:
            raise NotFoundError("platform_unknown", f"There is no platform “{name[:40]}”.")
        return described

    async def _credentials(self, pair: str, platform: Platform) -> Credentials:
        if pair == DEFAULT_PAIR and platform.name in self._environment:
            return self._environment[platform.name]
        kept = await asyncio.to_thread(self._state.pairs.connection, pair, platform.name)
        if kept is None:
            raise ConfigurationError(
                "not_connected",
                f"The pair {pair} has no {platform.title} store yet. Connect one first.",
            )
        secrets = await asyncio.to_thread(self._state.pairs.credentials, pair, platform.name)
        return Credentials(kept.settings, secrets)

    async def _from_environment(self, platform: str) -> Connection:
        store = await self.open(DEFAULT_PAIR, platform)
        info = await store.info()
        settings = self._environment[platform].settings
        return Connection(DEFAULT_PAIR, platform, settings, info.key, info_as_json(info), is_from_environment=True)

    async def _with_key(self, platform: str) -> tuple[str, Store | None]:
        """Ask a store of the environment for its key; one that can't be asked has none."""
        try:
            store = await self.open(DEFAULT_PAIR, platform)
            return (await store.info()).key, store
        except CrossdockError as error:
            _LOG.warning("store_not_opened", pair=DEFAULT_PAIR, platform=platform, code=error.code)
            return "", None

    def _retire(self, key: tuple[str, str]) -> None:
        """Give a connector to nobody any more. It stays open to the end: a run may be at work with it."""
        store = self._open.pop(key, None)
        if store is not None:
            self._retired.append(store)


def refuse_blockers(findings: Sequence[Finding]) -> None:
    """Raise the first blocker of a check.

    Raises:
        ConfigurationError: `store_check_failed`, with what was found and the advice.
    """
    for finding in findings:
        if finding.level is FindingLevel.BLOCKER:
            raise ConfigurationError("store_check_failed", f"{finding.message} {finding.advice}".strip())


def info_as_json(info: StoreInfo) -> dict[str, Any]:
    """Write what a store says of itself as JSON values, camelCase."""
    return {
        "name": info.name,
        "url": info.url,
        "apiVersion": info.api_version,
        "currency": info.currency,
        "country": info.country,
        "timeZone": info.time_zone,
        "plan": info.plan,
    }


def _stripped(credentials: Credentials) -> Credentials:
    """Drop what was copied along around the values."""
    return Credentials(
        {name: value.strip() for name, value in credentials.settings.items()},
        {name: value.strip() for name, value in credentials.secrets.items()},
    )


def _open_store(platform: Platform, credentials: Credentials) -> Store:
    """Open a connector with values that can be sent: secrets go into headers.

    Raises:
        ConfigurationError: `credentials_malformed`, or what the platform says.
    """
    for name, value in (*credentials.settings.items(), *credentials.secrets.items()):
        is_sendable = value.isascii() or name in credentials.settings
        if not (is_sendable and value.isprintable()):
            raise ConfigurationError(
                "credentials_malformed",
                f"{platform.title}: the field {name} holds a character that can't be part of it. Copy it again.",
            )
    return platform.open(credentials)


def _shown(kept: StoreConnection) -> Connection:
    return Connection(kept.pair, kept.platform, kept.settings, kept.store_key, kept.info, is_from_environment=False)


def _check_fields(platform: Platform, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    for given, allowed in ((settings, platform.settings_fields), (secrets, platform.secret_fields)):
        for name in given:
            if name not in allowed:
                raise InvalidRequestError(
                    "field_unknown", f"{platform.title} has no field {name}.", field=name, allowed=", ".join(allowed)
                )
