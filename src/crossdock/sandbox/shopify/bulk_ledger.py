"""Bulk operations and uploaded files as records, and what may run at once. Must not know how an operation is executed.

Source: reference §2.1 to §2.3: five queries and five mutations at a time for an app and shop, results kept for a week.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final

from crossdock.sandbox.shopify.records import gid
from crossdock.sandbox.shopify.tokens import Token

MAX_RUNNING: Final = 5
MAX_UPLOAD: Final = 100 * 1024 * 1024
RESULT_LIFETIME: Final = timedelta(days=7)
_UNFINISHED: Final = frozenset({"CREATED", "RUNNING", "CANCELING"})


@dataclass(slots=True, eq=False)
class BulkOperation:
    """A bulk operation; `content` is a mutation's uploaded file, `work` yields (result line, whether a root object)."""

    typename: ClassVar[str] = "BulkOperation"
    number: int
    app: str
    type: str
    query: str
    created_at: datetime
    base_url: str
    starts_at: datetime
    ends_at: datetime
    token: Token
    content: bytes = field(default=b"", repr=False)
    is_grouped: bool = False
    client_identifier: str | None = None
    status: str = "CREATED"
    error_code: str | None = None
    completed_at: datetime | None = None
    object_count: int = 0
    root_object_count: int = 0
    is_partial: bool = False
    result: bytearray = field(default_factory=bytearray, repr=False)
    secret: str = field(default_factory=lambda: uuid.uuid4().hex, repr=False)
    work: Iterator[tuple[bytes, bool]] | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("BulkOperation", self.number)

    @property
    def is_finished(self) -> bool:
        """Tell whether the operation has ended in any way."""
        return self.status not in _UNFINISHED

    @property
    def file_size(self) -> int | None:
        """Answer the size of the result once there is one."""
        return len(self.result) if self.is_finished and self.result else None

    @property
    def url(self) -> str | None:
        """Answer where the whole result is; null when it is empty or the operation didn't complete."""
        return self._link if self.status == "COMPLETED" and self.result else None

    @property
    def partial_data_url(self) -> str | None:
        """Answer where the lines are that an unfinished operation got to write."""
        return self._link if self.is_partial and self.result else None

    @property
    def _link(self) -> str:
        return f"{self.base_url}/bulk-results/{self.number}/{self.secret}/bulk-{self.number}.jsonl"

    def end(self, status: str, at: datetime, error_code: str | None = None) -> None:
        """Close the operation."""
        self.status, self.completed_at, self.error_code = status, at, error_code
        self.is_partial = status != "COMPLETED"
        self.work = None


@dataclass(slots=True)
class StagedUpload:
    """A place to upload to: granted first, filled by the upload, read once an operation starts."""

    key: str
    expires_at: datetime
    content: bytes | None = field(default=None, repr=False)


class BulkLedger:
    """The bulk operations and staged uploads of one store."""

    def __init__(self) -> None:
        self._operations: dict[int, BulkOperation] = {}
        self._uploads: dict[str, StagedUpload] = {}

    def __len__(self) -> int:
        return len(self._operations)

    def __iter__(self) -> Iterator[BulkOperation]:
        return iter(self._operations.values())

    def add(self, operation: BulkOperation) -> None:
        """Enter an operation."""
        self._operations[operation.number] = operation

    def get(self, number: int | None) -> BulkOperation | None:
        """Find an operation."""
        return None if number is None else self._operations.get(number)

    def running(self, app: str, kind: str) -> list[BulkOperation]:
        """List an app's unfinished operations of a type, oldest first."""
        return [op for op in self if op.app == app and op.type == kind and not op.is_finished]

    def unfinished(self) -> list[BulkOperation]:
        """List every unfinished operation, oldest first."""
        return [operation for operation in self if not operation.is_finished]

    def last(self, app: str, kind: str) -> BulkOperation | None:
        """Find an app's latest operation of a type."""
        return next((op for op in reversed(self._operations.values()) if op.app == app and op.type == kind), None)

    def result(self, number: int, secret: str, now: datetime) -> bytes | None:
        """Answer a result file to whoever knows its link, for seven days."""
        operation = self._operations.get(number)
        if operation is None or operation.secret != secret or operation.completed_at is None:
            return None
        return bytes(operation.result) if now < operation.completed_at + RESULT_LIFETIME else None

    def stage(self, shop_number: int, filename: str, now: datetime) -> StagedUpload:
        """Grant a place to upload to, for 24 hours."""
        key = f"tmp/{shop_number}/bulk/{uuid.uuid4()}/{filename}"
        self._uploads[key] = StagedUpload(key, now + timedelta(hours=24))
        return self._uploads[key]

    def upload(self, key: str, content: bytes, now: datetime) -> bool:
        """Take an uploaded file; False when the place wasn't granted or its time is over."""
        upload = self._uploads.get(key)
        if upload is None or now >= upload.expires_at:
            return False
        upload.content = content
        return True

    def uploaded(self, key: str) -> bytes | None:
        """Answer an uploaded file; None when there is none."""
        upload = self._uploads.get(key)
        return None if upload is None else upload.content
