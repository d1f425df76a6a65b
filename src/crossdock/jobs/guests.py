"""Guests: the people who are known from orders only, read after a store's accounts.

Owns how two readings become one that can be resumed. It must not know where guests come from.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.connectors.contract import Cursor, GuestSource, Page, Source
from crossdock.domain.kinds import RecordKind

_GUESTS = "guests:"


class WithGuests:
    """A source of customers whose `read` gives guests behind the accounts."""

    def __init__(self, accounts: Source[Any], guests: GuestSource[Any]) -> None:
        self._accounts = accounts
        self._guests = guests

    @property
    def kind(self) -> RecordKind:
        """The kind that is read."""
        return self._accounts.kind

    async def count(self) -> int | None:
        """Tell how many accounts there are; how many guests nobody knows before."""
        return await self._accounts.count()

    async def read(self, cursor: Cursor | None = None) -> AsyncIterator[Page[Any]]:
        """Read all accounts, then all guests."""
        if cursor is None or not cursor.startswith(_GUESTS):
            async for page in self._accounts.read(cursor):
                yield page
        after = (cursor or "").removeprefix(_GUESTS) if (cursor or "").startswith(_GUESTS) else None
        async for page in self._guests.read_guests(after):
            yield replace(page, cursor=f"{_GUESTS}{page.cursor}")

    async def get(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """Fetch accounts and guests by id."""
        return await self._accounts.get(ids)
