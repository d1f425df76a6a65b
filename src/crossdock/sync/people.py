"""People first: the destination's customer for each record that belongs to one, migrated along where there is none.

Owns how a person is found: by link, by e-mail address, else by being created. It must not know how a record is written,
nor what becomes of one whose person could not be migrated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crossdock.connectors.contract import MAX_IDS, UnreadableRecord
from crossdock.domain.customer import Customer
from crossdock.domain.errors import StoreUnavailableError
from crossdock.domain.identity import email_key
from crossdock.domain.kinds import CUSTOMER
from crossdock.domain.order import Order, guest_id, guest_of
from crossdock.domain.plan import Level, Reason
from crossdock.state import WorkOutcome, WorkRow
from crossdock.sync.context import CustomerSide, SyncContext
from crossdock.sync.execution import Execution
from crossdock.sync.journal import CompanionJournal
from crossdock.sync.kinds import CUSTOMERS
from crossdock.sync.moving import fetch, find_gone
from crossdock.sync.resolving import CREATED_BY_PLATFORM, Person
from crossdock.sync.waiting import patiently

_MOST_REMEMBERED = 50_000
_COMES_ALONG = Reason("customer_comes_along", Level.INFO, "The customer of this order is migrated with it.")


class People:
    """The people of one run's orders. Found ids are remembered for the run."""

    def __init__(self, context: SyncContext, side: CustomerSide) -> None:
        self._side = side
        self._journal: CompanionJournal = context.journal.of_companions(CUSTOMER.name)
        self._context = replace(
            context,
            kind=CUSTOMERS,
            source=side.source,
            destination=side.destination,
            sink=side.sink,
            journal=self._journal,
            customers=None,
            options={},
        )
        self._execution = Execution(self._context, _say_nothing)
        self._known: dict[str, str] = {}

    async def of(self, records: Sequence[Order]) -> dict[str, Person]:
        """Give the person of each order by the order's id; an order without any person is absent.

        Raises:
            StoreUnavailableError: a person asked to stop while it was open what became of somebody.
            CrossdockError: a store refuses or can't be reached.
        """
        wanted = {order.id: key for order in records if (key := order.person())}
        await self._look_in_ledger(sorted(set(wanted.values()) - set(self._known)))
        strangers = await self._describe(records, wanted)
        await self._look_by_email(strangers)
        left = {key: customer for key, customer in strangers.items() if key not in self._known}
        failures = await self._create(left) if self._side.writes else {}
        return {order_id: self._person(key, failures) for order_id, key in wanted.items()}

    async def join(self, person: str, destination_id: str) -> None:
        """Link a person to the customer that the destination made by itself: found there, and not ours to undo."""
        row = _row(0, person, Customer(person))
        await self._journal.link(row, str(self._context.marker(person)), destination_id, (CREATED_BY_PLATFORM,))
        self._remember({person: destination_id})

    def _person(self, key: str, failures: Mapping[str, Reason]) -> Person:
        if key in self._known:
            return Person(self._known[key])
        if key in failures:
            return Person("", (failures[key],))
        # A dry run creates nobody: whoever is still missing will come with the order.
        return Person("", (_COMES_ALONG,)) if self._side.is_dry_run and self._side.is_wanted else Person()

    async def _look_in_ledger(self, keys: Sequence[str]) -> None:
        entries = {key: entry for key, entry in (await self._journal.entries(keys)).items() if entry.is_there}
        # Whoever was deleted since is a stranger again.
        gone = await patiently(self._context, lambda: find_gone(self._context, entries))
        self._remember({key: entry.destination_id for key, entry in entries.items() if key not in gone})

    async def _describe(self, orders: Sequence[Order], wanted: Mapping[str, str]) -> dict[str, Customer]:
        """Read the accounts of people who are not known yet; whoever has none is described by the newest order."""
        newest = {wanted[order.id]: order for order in orders if wanted.get(order.id, "") not in {"", *self._known}}
        accounts = await self._fetch_accounts([key for key, order in newest.items() if order.customer_id])
        people: dict[str, Customer] = {}
        for key, order in newest.items():
            account = accounts.get(key)
            if isinstance(account, Customer):
                people[key] = account
            elif guest_id(order.email):
                people[key] = replace(guest_of(order), id=key)
        return people

    async def _fetch_accounts(self, ids: Sequence[str]) -> Mapping[str, Customer | UnreadableRecord]:
        return await patiently(self._context, lambda: fetch(self._side.source, ids))

    async def _look_by_email(self, people: Mapping[str, Customer]) -> None:
        by_email = {customer.email: key for key, customer in people.items() if email_key(customer.email)}
        emails = list(by_email)
        for start in range(0, len(emails), MAX_IDS):
            chunk = emails[start : start + MAX_IDS]
            found = await patiently(self._context, lambda chunk=chunk: self._side.sink.find_by_email(chunk))
            self._remember({by_email[email]: destination_id for email, destination_id in found.items()})

    async def _create(self, people: Mapping[str, Customer]) -> dict[str, Reason]:
        """Migrate people, each by its own steps in the ledger; gives why some could not be."""
        rows = [_row(position, key, customer) for position, (key, customer) in enumerate(people.items())]
        if not rows:
            return {}
        is_whole = await self._execution.run_chunk(rows, people)
        results = self._journal.take()
        if not is_whole:
            raise StoreUnavailableError("stopped", "The run was stopped while customers were migrated.")
        failures: dict[str, Reason] = {}
        for row in rows:
            result = results[row.position]
            if result.outcome is WorkOutcome.FAILED:
                text = f"The order's customer could not be migrated: {result.error}"
                failures[row.source_id] = Reason("customer_not_migrated", Level.WARNING, text)
            else:
                self._remember({row.source_id: result.destination_id})
        return failures

    def _remember(self, found: Mapping[str, str]) -> None:
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        self._known.update(found)


def people_of(context: SyncContext) -> People | None:
    """Give who sees to the people of a run's records; None for a kind that brings nobody along."""
    return None if context.customers is None else People(context, context.customers)


def _row(position: int, key: str, customer: Customer) -> WorkRow:
    return WorkRow(position, key, customer.email, customer.email, WorkOutcome.PENDING, "", "", "", (), None)


async def _say_nothing() -> None:
    return
