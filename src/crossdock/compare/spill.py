"""Where queries put what does not fit in memory.

Owns one folder for each process, and the removal of those that killed processes left behind. It must not know queries.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_HELD = ".held"


class SpillFolder:
    """A folder that lives as long as this process; a lock on a file in it tells other processes so."""

    def __init__(self, work_dir: Path) -> None:
        folders = work_dir / ".spill"
        folders.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folders):
            for folder in folders.iterdir():
                if folder.is_dir() and not _is_held(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            self.path = Path(tempfile.mkdtemp(dir=folders))
            self._held = _lock(self.path / _HELD)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        os.close(self._held)
        shutil.rmtree(self.path, ignore_errors=True)


@contextmanager
def _alone(folders: Path) -> Generator[None]:
    """Keep other processes from looking at a folder that is made but not held yet."""
    descriptor = os.open(folders / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_held(folder: Path) -> bool:
    try:
        os.close(_lock(folder / _HELD))
    except OSError:
        return True
    return False
