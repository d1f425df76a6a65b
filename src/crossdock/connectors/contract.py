"""The contract between Crossdock and a platform.

Owns the protocols that a connector implements (`Store`, `Source`, `Sink`), the values that cross the border, and the
ports through which a connector remembers something (`MuteJournal`, `TokenStore`). It must not know any platform.

All methods that talk to a store raise, by what the caller does next (`domain.errors`): `ConfigurationError`,
`TransientError`, `ContractViolationError`, and for writes `OutcomeUnknownError`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from crossdock.domain.errors import RecordError
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint
from crossdock.domain.kinds import RecordKind
from crossdock.domain.plan import Reason, Resolution, Step, StepResult

Read_co = TypeVar("Read_co", covariant=True)
Written_contra = TypeVar("Written_contra", contravariant=True)

MAX_IDS = 100
"""How many records `Source.get` and `Sink.find` take in one call."""

Cursor = str
"""Where a read goes on: opaque text that survives the process; made and read by the same connector only."""


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a store says of itself. `key` is fixed at connect and names the store in links and markers.

    `country` is ISO 3166 alpha-2 (empty when unknown); `time_zone` an IANA name or a fixed offset such as `+03:00`.
    `new_orders_a_minute` is set where the store takes few; drafts are none.
    """

    platform: str
    key: str
    name: str
    url: str
    api_version: str = ""
    currency: str = ""
    country: str = ""
    time_zone: str = "UTC"
    plan: str = ""
    restore_rate: float | None = None
    new_orders_a_minute: float | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, as booleans and limits; the same for every store of the platform.

    `fields` names, by kind, the fields that the platform can hold and that a comparison may therefore compare: of
    customers `name`, `phone`, `address`, `consent`, `tags`; of orders `total`, `currency`, `status`, `email`,
    `line_count`, `refunds`. `has_drafts`: an order can be made as a draft. `makes_customers`: a customer that an order
    lacks is migrated with it unless the caller says otherwise. `has_guests`: people can order without an account.
    """

    platform: str
    title: str
    has_roles: bool
    requires_email: bool
    fields: Mapping[str, frozenset[str]]
    settle_seconds: float
    """How long after a write began the platform may still be at work on it."""
    has_drafts: bool = False
    makes_customers: bool = False
    has_guests: bool = False


class FindingLevel(StrEnum):
    """How a finding of `Store.check` weighs."""

    PASS = "pass"  # noqa: S105 - the word of the check report, no secret
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check: the capability looked at, how it weighs, what was found and what to do about it."""

    capability: str
    level: FindingLevel
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that does not fit our wire model. `id` is empty where not even the id could be read."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Read_co]):
    """Some records in reading order, and the cursor after them."""

    records: Sequence[Read_co]
    cursor: Cursor
    unreadable: Sequence[UnreadableRecord] = ()


class Source(Protocol[Read_co]):
    """How the records of one kind are read from a store."""

    @property
    def kind(self) -> RecordKind:
        """The kind that is read."""
        ...

    async def count(self) -> int | None:
        """Tell how many records a whole read will give; None when the store can't say cheaply. For progress only."""
        ...

    def read(self, cursor: Cursor | None = None) -> AsyncIterator[Page[Read_co]]:
        """Read the whole store, each record once, from the start or after `cursor`. Memory stays flat.

        A record deleted or added meanwhile may be missing or present; none that stays is skipped or repeated.
        """
        ...

    async def get(self, ids: Sequence[str]) -> Mapping[str, Read_co]:
        """Fetch up to `MAX_IDS` records by id; ids that the store doesn't have are absent from the answer.

        Raises:
            ContractViolationError: one of them is there and does not fit our wire model; ask one by one.
        """
        ...


@runtime_checkable
class DetailedSource(Source[Read_co], Protocol[Read_co]):
    """A source whose `read` leaves out what is dear to read and needed for few records only."""

    async def outline(self, ids: Sequence[str]) -> Mapping[str, Read_co]:
        """Fetch up to `MAX_IDS` records with what `read` left out, when each came to be, and perhaps little else.

        It is the cheapest way there is.

        Ids that the store doesn't have, and records that don't fit our wire model, are absent from the answer.
        """
        ...

    def changed_since(self, moment: datetime) -> AsyncIterator[Page[Read_co]]:
        """Read, as `read` does, what was made or changed at `moment` (aware UTC) or later; a record may come twice."""
        ...


@runtime_checkable
class GuestSource(Protocol[Read_co]):
    """A source of customers that also knows people who have only ordered; see `Capabilities.has_guests`."""

    def read_guests(self, cursor: Cursor | None = None) -> AsyncIterator[Page[Read_co]]:
        """Read the people of orders without an account, under ids `guest:<e-mail>`; one may come several times."""
        ...


class Sink(Protocol[Written_contra]):
    """How the records of one kind are written to a store."""

    @property
    def kind(self) -> RecordKind:
        """The kind that is written."""
        ...

    def batch_size(self, planned: int) -> int:
        """Tell how many records `send` wants at a time when `planned` are to be written in all."""
        ...

    async def prepare(self, holder: str) -> None:
        """Make the store ready for writes of the run `holder`: marker definitions, muted mails. May be repeated."""
        ...

    async def release(self, holder: str) -> None:
        """Undo what `prepare` changed, once no other run needs it. May be repeated, also by another process."""
        ...

    async def resolve(
        self, records: Sequence[Written_contra], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution | RecordError]:
        """Look up what the plans of some records need of the destination; one answer a record, in their order.

        `customers` gives the destination's customer by the source record's id, as far as one is known; `options` are
        the run's, all of them with their values. A record that can't be written as the options demand gets an error.
        """
        ...

    def steps(self, record: Written_contra, marker: Marker, resolution: Resolution | None = None) -> Sequence[Step]:
        """Plan all steps of one record: pure, the same each time. `resolution` is what `resolve` gave for it.

        Raises:
            UnmappableValueError: the record can't be held by this platform.
        """
        ...

    def losses(self, record: Written_contra, resolution: Resolution | None = None) -> Sequence[Reason]:
        """Tell which values of the record this platform can't hold; the same sentence for each record of one code."""
        ...

    def send(self, steps: Sequence[Step], batch: str) -> AsyncIterator[StepResult]:
        """Send one step each of several records, all of the same name; give every result as it is known.

        `batch` is a name that is unique to this sending (`crossdock_<run>_<number>`) and known to the ledger before.
        Never sends a step twice unless the store is known not to have executed it. Yields exactly one result a step;
        problems of one step or of the connection are outcomes, not exceptions.
        """
        ...

    async def find_effects(self, steps: Sequence[Step], batch: str, age: timedelta) -> Mapping[Marker, StepResult]:
        """Look for the effects of steps whose outcome is unknown and that were sent no longer than `age` ago.

        Only steps whose effect was found are in the answer. One request a chunk where the platform allows it.

        Raises:
            OutcomeUnknownError: the store is still at work on `batch`, so that absence proves nothing.
        """
        ...

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find up to `MAX_IDS` records that carry our markers; gives their ids."""
        ...

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Set back what creating records of these resolutions changed about others (default addresses); repeatable."""
        ...

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint | RecordError]:
        """Tell what the store holds now of up to `MAX_IDS` records, as `verify` told it; what is gone is absent.

        A record that must be left whatever it holds is given as the error that says why.

        Raises:
            ContractViolationError: one of them is there and does not fit our wire model; ask one by one.
        """
        ...

    async def delete(self, record_id: str) -> None:
        """Delete one record that we made.

        Raises:
            RecordConflictError: the store refuses, for instance since the customer has orders.
        """
        ...


@runtime_checkable
class CustomerSink(Sink[Written_contra], Protocol[Written_contra]):
    """A sink of customers, which orders ask for the people they belong to."""

    async def find_by_email(self, emails: Sequence[str]) -> Mapping[str, str]:
        """Find up to `MAX_IDS` customers by address; gives ids by the addresses as they were asked for.

        An account that may not be written to or ordered for (an administrator's) is absent.
        """
        ...


class Store(Protocol):
    """One merchant's shop."""

    @property
    def capabilities(self) -> Capabilities:
        """What the platform can do."""
        ...

    @property
    def waiting_seconds(self) -> float:
        """How long the next request still waits because the store takes no more now; 0 while none waits."""
        ...

    async def info(self) -> StoreInfo:
        """Ask the store who it is; cached for the life of this object."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Try every capability that Crossdock needs. Trouble is a finding, not an exception."""
        ...

    def source(self, kind: str) -> Source[Any]:
        """Give the reader of a kind, by its singular name.

        Raises:
            UnsupportedOperationError: the platform does not bring this kind.
        """
        ...

    def sink(self, kind: str) -> Sink[Any]:
        """Give the writer of a kind, by its singular name.

        Raises:
            UnsupportedOperationError: the platform does not bring this kind.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Mute:
    """A store setting that we hold at `muted_value` while runs write. Several settings of a store are several rows."""

    store_key: str
    setting: str
    original_value: str
    muted_value: str
    since: datetime
    holders: tuple[str, ...]


class MuteJournal(Protocol):
    """What is remembered of muted settings, committed before the store is touched."""

    async def join(self, store_key: str, setting: str, *, holder: str, original_value: str, muted_value: str) -> Mute:
        """Enter `holder`. The first holder's `original_value` is kept; a later one's is ignored."""
        ...

    async def get(self, store_key: str, setting: str) -> Mute | None:
        """Look the row up; None when nothing is muted."""
        ...

    async def leave(self, store_key: str, setting: str, *, holder: str) -> Mute | None:
        """Take `holder` out; gives the row when it has no holder left and waits to be restored, else None."""
        ...

    async def forget(self, store_key: str, setting: str) -> None:
        """Drop the row after the setting was restored; a row that has holders again stays."""
        ...


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that a store has granted for a time. `expires_at` is aware UTC; never logged, shown or compared."""

    value: str
    expires_at: datetime
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at.isoformat()})"


class TokenStore(Protocol):
    """Where granted tokens are kept between processes, encrypted."""

    async def load(self, store_key: str) -> AccessToken | None:
        """Give the kept token, expired or not."""
        ...

    async def save(self, store_key: str, token: AccessToken) -> None:
        """Keep a token in place of the former."""
        ...
