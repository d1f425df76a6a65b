"""Work that a mutation only announces: jobs that are done once their time has come. Must not know what they do.

Source: reference §4.6 (orderCancel answers a job, and nothing has changed yet).
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crossdock.sandbox.shopify.records import Wire


@dataclass(slots=True, eq=False)
class Job:
    """A job; `subject` is the number of the record that it works on."""

    key: str
    subject: int
    due_at: datetime
    work: Callable[[], None] = field(repr=False)
    done: bool = False

    @property
    def id(self) -> str:
        """Answer the global id."""
        return f"gid://shopify/Job/{self.key}"


class Jobs:
    """The jobs of one store."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._open: list[Job] = []

    def start(self, subject: int, due_at: datetime, work: Callable[[], None]) -> Job:
        """Enter a job that is done at its time, or with the first request after it."""
        job = Job(str(uuid.uuid4()), subject, due_at, work)
        self._jobs[job.key] = job
        self._open.append(job)
        return job

    def is_at_work(self, subject: int) -> bool:
        """Tell whether an unfinished job works on a record."""
        return any(job.subject == subject for job in self._open)

    def advance(self, now: datetime) -> None:
        """Do the work of every job whose time has come."""
        due = [job for job in self._open if job.due_at <= now]
        if not due:
            return
        self._open = [job for job in self._open if job.due_at > now]
        for job in due:
            job.work()
            job.done = True

    def find(self, gid: str) -> Mapping[str, Wire] | None:
        """Find a job by its global id."""
        job = self._jobs.get(gid.removeprefix("gid://shopify/Job/"))
        return None if job is None else {"id": job.id, "done": job.done}
