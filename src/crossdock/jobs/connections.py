"""Connections: which stores a pair joins, and the connectors that are open on them.

Owns opening and keeping one connector a store in this process, so that a store's rate budget is shared by all runs on
it. It must not know a concrete platform or where settings come from.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.connectors.contract import Finding, FindingLevel, Store, StoreInfo
from crossdock.domain.errors import ConfigurationError, InvalidRequestError, NotFoundError
from crossdock.jobs.platforms import Credentials, Platform
from crossdock.jobs.requests import DEFAULT_PAIR
from crossdock.state import State, StoreConnection


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
        self._environment = environment
        self._open: dict[tuple[str, str], Store] = {}
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
            await self._close((name, platform))

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
        store = described.open(Credentials(settings, secrets))
        try:
            info = await store.info()
            findings = await store.check()
        finally:
            await store.aclose()
        refuse_blockers(findings)
        kept = StoreConnection(
            pair=pair,
            platform=platform,
            settings=dict(settings),
            store_key=info.key,
            info=info_as_json(info),
        )
        await asyncio.to_thread(self._state.pairs.put_connection, kept, dict(secrets))
        await self._close((pair, platform))
        return _shown(kept)

    async def delete(self, pair: str, platform: str) -> None:
        """Forget a connection with its secrets; none there is fine.

        Raises:
            StoreBusyError: a run of the pair has not ended.
            NotFoundError: there is no such pair or platform.
        """
        self.platform(platform)
        await asyncio.to_thread(self._state.pairs.delete_connection, pair, platform)
        await self._close((pair, platform))

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
            ConfigurationError: `not_connected`, the pair has no such store.
            NotFoundError: there is no such pair or platform.
        """
        described = self.platform(platform)
        async with self._lock:
            store = self._open.get((pair, platform))
            if store is None:
                store = described.open(await self._credentials(pair, described))
                self._open[pair, platform] = store
            return store

    async def open_by_key(self, store_key: str) -> Store | None:
        """Give a connector to the store of that key, whichever pair has it; None when no pair has."""
        for pair in await self.pairs():
            for platform in self._platforms:
                connection = await self.get(pair, platform)
                if connection is not None and connection.store_key == store_key:
                    return await self.open(pair, platform)
        return None

    async def aclose(self) -> None:
        """Close every connector."""
        for key in list(self._open):
            await self._close(key)

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

    async def _close(self, key: tuple[str, str]) -> None:
        store = self._open.pop(key, None)
        if store is not None:
            await store.aclose()


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


def _shown(kept: StoreConnection) -> Connection:
    return Connection(kept.pair, kept.platform, kept.settings, kept.store_key, kept.info, is_from_environment=False)


def _check_fields(platform: Platform, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    for given, allowed in ((settings, platform.settings_fields), (secrets, platform.secret_fields)):
        for name in given:
            if name not in allowed:
                raise InvalidRequestError(
                    "field_unknown", f"{platform.title} has no field {name}.", field=name, allowed=", ".join(allowed)
                )
