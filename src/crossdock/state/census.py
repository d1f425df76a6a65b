"""The census: how many runs, records and mutes there are, for whoever watches the program.

Owns these counts and nothing else. It must not know a name of a store, a person or a run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from crossdock.state.database import Database
from crossdock.state.ledger.records import RecordState, records
from crossdock.state.mutes import mutes
from crossdock.state.run_rows import RunState, RunType, runs


@dataclass(frozen=True, slots=True)
class Census:
    """Counts of one moment: `runs` by type, kind and state, `records` of the ledger by kind and state; no zeros."""

    runs: Mapping[tuple[RunType, str, RunState], int]
    records: Mapping[tuple[str, RecordState], int]
    mutes_held: int


def take_census(database: Database) -> Census:
    """Count everything that is remembered; reads an index of the ledger whole.

    Raises:
        StateError: the database failed.
    """
    run_groups = (runs.c.type, runs.c.kind, runs.c.state)
    record_groups = (records.c.kind, records.c.state)
    with database.read() as connection:
        found_runs = connection.execute(select(*run_groups, func.count()).group_by(*run_groups)).all()
        found_records = connection.execute(select(*record_groups, func.count()).group_by(*record_groups)).all()
        return Census(
            runs={(RunType(type_), kind, RunState(state)): count for type_, kind, state, count in found_runs},
            records={(kind, RecordState(state)): count for kind, state, count in found_records},
            mutes_held=connection.execute(select(func.count()).select_from(mutes)).scalar_one(),
        )
