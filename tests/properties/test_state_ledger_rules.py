"""The ledger under arbitrary sequences of calls: what exists is never made a second time."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from crossdock.domain.errors import StateError
from crossdock.state import Lease, LedgerRecord, PlannedRecord, RecordState, Result, State, StepOutcome
from crossdock.state.identifiers import new_id
from tests.support.state import claimed, sync_spec

pytest_plugins = ("tests.support.state_fixtures",)

STEPS = ("create", "refund", "verify")
SOURCE_IDS = ("1", "2")
THERE = {RecordState.DONE, RecordState.LINKED}

source_ids = st.sampled_from(SOURCE_IDS)
results = st.sampled_from(Result)
# What a worker does in good order comes most often, or no sequence would get far.
in_order = st.one_of(
    st.tuples(st.just("send"), source_ids, st.just(Result.DONE)),
    st.tuples(st.just("send"), source_ids, results),
    st.tuples(st.just("plan"), source_ids, st.none()),
)
out_of_order = st.one_of(
    st.tuples(st.just("begin"), source_ids, st.sampled_from(STEPS)),
    st.tuples(st.just("settle"), source_ids, st.tuples(st.sampled_from(STEPS), results)),
    st.tuples(st.just("gone"), source_ids, st.none()),
    st.tuples(st.just("undo"), source_ids, st.none()),
    st.tuples(st.just("takeover"), st.just(""), st.none()),
)
calls = st.one_of(in_order, in_order, out_of_order)


@dataclass
class Destination:
    """A store to which a ledger's intents are applied: it counts what a second sending would have doubled."""

    state: State
    lease: Lease
    source: str
    made: dict[str, str] = field(default_factory=dict[str, str])
    number: int = 0

    def known(self, source_id: str) -> LedgerRecord | None:
        return self.state.ledger.records(self.source, "customer", f"to {self.source}", [source_id]).get(source_id)

    def plan(self, source_id: str, _: None) -> None:
        before = self.known(source_id)
        (after,) = self.state.ledger.plan(self.lease, [PlannedRecord(source_id, "marker", "label", STEPS)])
        if before is not None and before.state in THERE:
            assert after == before
        if before is not None and source_id in self.made:
            assert after.attempt == before.attempt
        assert after == self.known(source_id)

    def send(self, source_id: str, result: Result) -> None:
        record = self.known(source_id)
        step = record.next_step if record else None
        if step is not None:
            self.begin(source_id, step.name)
            self.settle(source_id, (step.name, result))

    def begin(self, source_id: str, step: str) -> None:
        before = self.known(source_id)
        if before is None:
            return
        try:
            self.state.ledger.begin(self.lease, {before.id: step}, "batch")
        except StateError:
            assert self.known(source_id) == before
            return
        assert before.state not in THERE
        if step == "create":
            assert source_id not in self.made, "a second one would have been made"
        else:
            assert source_id in self.made, "there was nothing to write to"

    def settle(self, source_id: str, told: tuple[str, Result]) -> None:
        before = self.known(source_id)
        if before is None:
            return
        step, result = told
        self.number += 1
        is_made = step == "create" and result in {Result.DONE, Result.LINKED}
        outcome = StepOutcome(before.id, step, result, f"d{self.number}" if is_made else "")
        try:
            (after,) = self.state.ledger.settle(self.lease, [outcome])
        except StateError:
            assert self.known(source_id) == before
            return
        if before.state in THERE:
            assert after == before
        if after.destination_id and after.state != RecordState.UNDONE:
            assert self.made.setdefault(source_id, after.destination_id) == after.destination_id

    def gone(self, source_id: str, _: None) -> None:
        had = self.made.pop(source_id, "")
        before = self.known(source_id)
        for after in self.state.ledger.plan_gone(self.lease, [source_id]):
            assert before is not None
            assert after.attempt == before.attempt + bool(had)

    def undo(self, source_id: str, _: None) -> None:
        before = self.known(source_id)
        if before is None:
            return
        try:
            self.state.ledger.mark_undone(self.lease, [before.id])
        except StateError:
            assert before.state == RecordState.LINKED or not before.created_run_id
            return
        self.made.pop(source_id, None)

    def takeover(self, *_: object) -> None:
        lease = self.state.runs.claim(self.lease.run_id, "next", 60, owner_is_dead=True)
        assert lease is not None
        self.lease = lease

    def agrees(self) -> None:
        links = self.state.ledger.links(self.source, "customer", f"to {self.source}")
        linked = {link.source_id: link.destination_id for link in links}
        assert linked.items() <= self.made.items()
        records = self.state.ledger.records(self.source, "customer", f"to {self.source}", SOURCE_IDS).values()
        exist = {record.source_id for record in records if record.destination_id and record.state != RecordState.UNDONE}
        assert exist == set(self.made)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(calls, min_size=8, max_size=30))
def test_nothing_that_exists_is_made_again(state: State, sequence: list[tuple[str, str, object]]) -> None:
    # The database is kept from example to example: each has stores of its own.
    source = f"{new_id()}.example.com"
    destination = Destination(state, claimed(state, sync_spec(source, f"to {source}")), source)
    for name, source_id, argument in [("plan", one, None) for one in SOURCE_IDS] + sequence:
        getattr(destination, name)(source_id, argument)
    destination.agrees()
    event(f"{len(destination.made)} exist at the end")
    event(f"{sum(name == 'send' for name, *_ in sequence) // 5 * 5} or more sent")
