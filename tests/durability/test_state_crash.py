"""What is left after a process dies in the middle of a write, or the power goes after a commit."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.domain.errors import LeaseLostError
from crossdock.state import PlannedRecord, RecordState, RunState, State
from tests.support.state import Place, claimed

pytest_plugins = ("tests.support.state_fixtures",)

BETWEEN = ("shop.example.com", "customer", "example.myshopify.com")

DIE_WITHIN_A_WRITE = """
import sys
from pathlib import Path
from sqlalchemy import text
from crossdock.state import PlannedRecord, RunSpec, RunType, State

state = State.open(Path(sys.argv[1]), database_url=sys.argv[2] or None)
spec = RunSpec(RunType.SYNC, "customer", "default", "woocommerce", "shop.example.com", "example.myshopify.com")
run_id = state.runs.create(spec).run.id
lease = state.runs.claim(run_id, "worker", 600)
records = state.ledger.plan(lease, [PlannedRecord(str(n), f"m{n}", f"l{n}", ("create", "verify")) for n in range(10)])
state.ledger.begin(lease, {record.id: "create" for record in records}, "batch 1")
with state.database.write() as connection:
    connection.execute(text("UPDATE ledger_records SET state = 'done', destination_id = 'never'"))
    connection.execute(text("DELETE FROM store_holds"))
    print(run_id, flush=True)
    sys.stdin.read()
"""


def died_within_a_write(place: Place) -> str:
    """Kill a process between a statement and its commit; give the id of its run."""
    command = [sys.executable, "-c", DIE_WITHIN_A_WRITE, str(place.data_dir), place.url or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        assert run_id
        process.kill()
        assert process.wait() == -signal.SIGKILL
    return run_id


def test_a_killed_write_leaves_nothing_and_what_was_committed_stays(place: Place) -> None:
    run_id = died_within_a_write(place)
    state = place.open()
    try:
        found = list(state.ledger.open_steps(*BETWEEN))
        assert [step.record.source_id for step in found] == [str(number) for number in range(10)]
        assert {(step.record.state, step.record.destination_id, step.step.batch) for step in found} == {
            (RecordState.IN_FLIGHT, "", "batch 1")
        }
        assert [(run.id, run.state) for run in state.runs.unfinished()] == [(run_id, RunState.RUNNING)]
        assert state.runs.claim(run_id, "next", 60) is None
        lease = state.runs.claim(run_id, "next", 60, owner_is_dead=True)
        assert lease is not None
        continued = state.ledger.plan(lease, [PlannedRecord("3", "m3", "l3", ("create", "verify"))])
        assert [record.state for record in continued] == [RecordState.IN_FLIGHT]
    finally:
        state.close()


def test_the_dead_worker_s_lease_is_good_for_nothing(place: Place) -> None:
    run_id = died_within_a_write(place)
    state = place.open()
    try:
        stale = state.runs.claim(run_id, "second", 60, owner_is_dead=True)
        assert stale is not None
        assert state.runs.claim(run_id, "third", 60, owner_is_dead=True) is not None
        with pytest.raises(LeaseLostError):
            state.ledger.plan(stale, [PlannedRecord("11", "m", "l", ("create",))])
    finally:
        state.close()


@pytest.mark.parametrize("commits", [1, 3, 7])
def test_a_copy_of_the_files_after_any_commit_opens_and_has_it(tmp_path: Path, commits: int) -> None:
    state = State.open(tmp_path / "data")
    lease = claimed(state)
    for number in range(commits):
        state.ledger.plan(lease, [PlannedRecord(str(number), "m", "l", ("create",))])
    copy = tmp_path / "copy"
    copy.mkdir()
    # The index of the log (-shm) lives in memory and is not there after a power cut.
    for name in ("crossdock.db", "crossdock.db-wal", "secret.key"):
        shutil.copy2(tmp_path / "data" / name, copy / name)
    after = State.open(copy)
    assert len(after.ledger.records(*BETWEEN, [str(number) for number in range(commits)])) == commits
    after.close()
    state.close()
