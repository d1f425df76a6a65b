"""The data directory: its modes, its lock, and files in it that nobody else may read.

Owns `crossdock.lock`. It must not know what is kept in the directory.
"""

import errno
import fcntl
import os
import tempfile
from pathlib import Path
from typing import Self

from crossdock.domain.errors import StateError
from crossdock.state.failures import system_failure

_LOCK_NAME = "crossdock.lock"
_LEAST_ROOM_BYTES = 1024 * 1024


def prepare_directory(path: Path) -> None:
    """Make the directory for its owner alone; one that is there keeps its mode.

    Raises:
        StateError: `disk_full`, `disk_failing` or `data_directory_read_only`.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise system_failure(error) from error


def require_room(path: Path) -> None:
    """Make sure that the directory takes a file and could take a little more; nothing of it stays.

    Raises:
        StateError: `disk_full`, `disk_failing` or `data_directory_read_only`.
    """
    try:
        with tempfile.TemporaryFile(dir=path):
            disk = os.statvfs(path)
    except OSError as error:
        raise system_failure(error) from error
    if disk.f_bavail * disk.f_frsize < _LEAST_ROOM_BYTES:
        raise system_failure(OSError(errno.ENOSPC, ""))


def prepare_file(path: Path) -> None:
    """Make sure that the file is there, for its owner alone.

    Raises:
        StateError: `disk_full`, `disk_failing` or `data_directory_read_only`.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise system_failure(error) from error


def read_or_create(path: Path, content: bytes) -> bytes:
    """Read a small file, or write it with `content` for its owner alone; of several at once, one is first.

    Raises:
        StateError: `disk_full`, `disk_failing` or `data_directory_read_only`.
    """
    try:
        if not path.exists():
            _create_whole(path, content)
        path.chmod(0o600)
        return path.read_bytes()
    except OSError as error:
        raise system_failure(error) from error


def _create_whole(path: Path, content: bytes) -> None:
    # A link appears with all of its content or not at all, and never replaces what another process wrote.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        Path(name).unlink()


class DirectoryLock:
    """Keeps a second program out of a data directory; ends with the process, however that dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, directory: Path) -> Self:
        """Take the lock without waiting.

        Raises:
            StateError: `data_directory_in_use`, naming the process that has it.
        """
        path = directory / _LOCK_NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise system_failure(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StateError(
                "data_directory_in_use",
                f"Another Crossdock (process {holder}) uses the data directory {directory}. "
                "Stop it first, or choose another directory.",
            ) from None
        except OSError as error:
            os.close(descriptor)
            raise system_failure(error) from error
        return cls(descriptor)

    def release(self) -> None:
        """Let others in. The file stays: removing it would race with one who is just opening it."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
