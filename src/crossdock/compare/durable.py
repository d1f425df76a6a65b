"""Files that survive a power cut: whole or absent, never half.

Owns the order of write, fsync, rename and fsync of the folder. It must not know what is in a file.
"""

import os
from pathlib import Path


def publish(temporary: Path, final: Path) -> None:
    """Give a finished file its name so that after a crash it is there whole or not at all."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(final)
    _sync_folder(final.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file in one piece, in place of a former one."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    publish(temporary, path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
