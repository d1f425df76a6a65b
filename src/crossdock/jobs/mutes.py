"""Muted settings of stores: what is held at the moment, and giving back what nobody needs any more.

Owns the port through which connectors remember a mute, and the release of what a crash left. It must not know what a
setting means.
"""

import asyncio
from collections.abc import Sequence

import structlog

from crossdock.connectors.contract import Mute
from crossdock.domain.errors import ConfigurationError, NotFoundError, TransientError
from crossdock.jobs.connections import ConnectionService
from crossdock.state import HeldMute, RunState, State

_LOG = structlog.get_logger()
_HOLDING = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED})


class KeptMutes:
    """The port `MuteJournal`, kept in the database."""

    def __init__(self, state: State) -> None:
        self._mutes = state.mutes

    async def join(self, store_key: str, setting: str, *, holder: str, original_value: str, muted_value: str) -> Mute:
        """Enter `holder`."""
        held = await asyncio.to_thread(
            self._mutes.join, store_key, setting, holder=holder, original_value=original_value, muted_value=muted_value
        )
        return _mute_of(held)

    async def get(self, store_key: str, setting: str) -> Mute | None:
        """Look the row up."""
        held = await asyncio.to_thread(self._mutes.get, store_key, setting)
        return None if held is None else _mute_of(held)

    async def leave(self, store_key: str, setting: str, *, holder: str) -> Mute | None:
        """Take `holder` out."""
        held = await asyncio.to_thread(self._mutes.leave, store_key, setting, holder=holder)
        return None if held is None else _mute_of(held)

    async def forget(self, store_key: str, setting: str) -> None:
        """Drop the row after the setting was restored."""
        await asyncio.to_thread(self._mutes.forget, store_key, setting)


class MuteService:
    """What web, command line and start-up ask of mutes."""

    def __init__(self, state: State, connections: ConnectionService, kinds: Sequence[str]) -> None:
        self._state = state
        self._connections = connections
        self._kinds = kinds

    async def status(self) -> Sequence[Mute]:
        """List what is muted now."""
        return [_mute_of(held) for held in await asyncio.to_thread(self._state.mutes.held)]

    async def restore(self) -> Sequence[Mute]:
        """Give back every setting that no run at work needs; gives what is still muted afterwards.

        Raises:
            ConfigurationError: a store refuses.
            TransientError: a store can't be reached.
        """
        for mute in await self.status():
            holders = [holder for holder in mute.holders if not await asyncio.to_thread(self._is_at_work, holder)]
            if mute.holders and not holders:
                continue
            store = await self._connections.open_by_key(mute.store_key)
            if store is not None:
                for holder in holders or [""]:
                    for kind in self._kinds:
                        await store.sink(kind).release(holder)
        return await self.status()

    async def restore_at_start(self) -> None:
        """Give back what a crash left muted; a store that can't be reached now is tried at the next start."""
        try:
            await self.restore()
        except (ConfigurationError, TransientError) as error:
            _LOG.warning("mute_not_restored", code=error.code)

    def _is_at_work(self, run_id: str) -> bool:
        try:
            return self._state.runs.get(run_id).state in _HOLDING
        except NotFoundError:
            return False


def _mute_of(held: HeldMute) -> Mute:
    return Mute(
        store_key=held.store_key,
        setting=held.setting,
        original_value=held.original_value,
        muted_value=held.muted_value,
        since=held.since,
        holders=held.holders,
    )
