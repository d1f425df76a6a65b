"""A run as a JSON object, and the results of a sync as a file.

Owns their names and the file's layout. How a cell is written and defused is the compare room's.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from crossdock.compare.export import csv_chunks
from crossdock.jobs.bodies import Body, RecordBodies, write_moment
from crossdock.jobs.lease import WAITING, waits_for_worker
from crossdock.state import Run, WorkRow


def run_body(run: Run) -> Body:
    """Write a run."""
    body: Body = {
        "runId": run.id,
        "type": run.type.value,
        "kind": run.kind,
        "pair": run.pair,
        "sourceOfTruth": run.source_platform,
        "state": run.state.value,
        "phase": run.phase,
        "summary": dict(run.summary),
    }
    moments = {"createdAt": run.created_at, "startedAt": run.started_at, "endedAt": run.ended_at}
    optional: Body = {
        "error": {"code": run.error_code, "detail": run.error_message} if run.error_code else None,
        "waiting": {"code": WAITING["code"], "detail": WAITING["message"]}
        if waits_for_worker(run, datetime.now(UTC))
        else None,
        **{name: write_moment(moment) for name, moment in moments.items() if moment},
        "parentRunId": run.parent_run_id,
    }
    return body | {name: value for name, value in optional.items() if value}


async def results_csv(chunks: AsyncIterator[Sequence[WorkRow]], bodies: RecordBodies) -> AsyncIterator[bytes]:
    """Lay the results of a sync out as CSV, one row a record."""
    columns = bodies.result_columns()
    headings = list(columns.values())
    yield next(csv_chunks(headings, []))
    async for rows in chunks:
        shown = [bodies.result(row) for row in rows]
        _, lines = csv_chunks(headings, [[[row.get(column) for column in columns] for row in shown]])
        yield lines
