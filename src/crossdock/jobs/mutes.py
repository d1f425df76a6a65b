"""Muted settings of stores: what is held at the moment, and giving back what nobody needs any more.

Owns the port through which connectors remember a mute, and the release of what a crash left. It must not know what a
setting means.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from crossdock.connectors.contract import Mute
from crossdock.domain.errors import CrossdockError, NotFoundError
from crossdock.jobs.connections import ConnectionService
from crossdock.jobs.lease import waits_for_a_person
from crossdock.state import HeldMute, Run, RunState, State

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
    """What web, command line and start-up ask of mutes.

    `are_runs_taken_up`: a run that its process has left goes on by itself, here or elsewhere, and needs its mute then.
    """

    def __init__(
        self,
        state: State,
        connections: ConnectionService,
        kinds: Sequence[str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        are_runs_taken_up: bool,
    ) -> None:
        self._state = state
        self._connections = connections
        self._kinds = kinds
        self._now = now
        self._are_runs_taken_up = are_runs_taken_up

    async def status(self) -> Sequence[Mute]:
        """List what is muted now."""
        return [_mute_of(held) for held in await asyncio.to_thread(self._state.mutes.held)]

    async def restore(self) -> Sequence[Mute]:
        """Give back every setting that no run at work needs; gives what is still muted afterwards.

        Raises:
            CrossdockError: a store refuses or can't be reached. The others were given back all the same.
        """
        troubles: list[CrossdockError] = []
        for mute in await self.status():
            try:
                await self._give_back(mute)
            except CrossdockError as error:
                troubles.append(error)
        if troubles:
            raise troubles[0]
        return await self.status()

    async def keep_restoring(self, pause_seconds: float) -> None:
        """Give back what a crash or a store's trouble left muted, at once and again after each pause; never returns."""
        while True:
            try:
                await self.restore()
            except CrossdockError as error:
                _LOG.warning("mute_not_restored", code=error.code)
            await asyncio.sleep(pause_seconds)

    async def _give_back(self, mute: Mute) -> None:
        if not await asyncio.to_thread(self._idle_holders, mute):
            return
        store = await self._connections.open_by_key(mute.store_key)
        if store is None:
            return
        await store.info()
        # To reach the store took time, in which a person may have let a run go on.
        for holder in await asyncio.to_thread(self._idle_holders, mute):
            for kind in self._kinds:
                await store.sink(kind).release(holder)

    def _idle_holders(self, mute: Mute) -> Sequence[str]:
        """List the holders that don't need a mute; for one without holders an empty name, unless a run writes there.

        A run that has left its mute may still be waiting for late mails, in this process or in another.
        """
        if mute.holders:
            return [holder for holder in mute.holders if not self._is_at_work(holder)]
        unfinished = self._state.runs.unfinished()
        is_written_to = any(run.destination_store == mute.store_key and self._needs_mutes(run) for run in unfinished)
        return [] if is_written_to else [""]

    def _is_at_work(self, run_id: str) -> bool:
        try:
            return self._needs_mutes(self._state.runs.get(run_id))
        except NotFoundError:
            return False

    def _needs_mutes(self, run: Run) -> bool:
        goes_on = run.state in _HOLDING and not waits_for_a_person(run, self._now())
        return goes_on and self._are_runs_taken_up


def _mute_of(held: HeldMute) -> Mute:
    return Mute(
        store_key=held.store_key,
        setting=held.setting,
        original_value=held.original_value,
        muted_value=held.muted_value,
        since=held.since,
        holders=held.holders,
    )
