"""The data directory that all users of one database share: whether this is it.

Owns the token, in a file of the directory and in a row of the database, by which both are known to belong together. It
must not know what is kept in the directory.
"""

import uuid
from pathlib import Path

from sqlalchemy import Column, Integer, Table, insert, select

from crossdock.domain.errors import StateError
from crossdock.state.data_directory import read_or_create
from crossdock.state.database import Database
from crossdock.state.schema import StoreText, metadata

_FILE_NAME = "directory.id"

data_directory = Table(
    "data_directory",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", StoreText, nullable=False),
)


def confirm_directory(database: Database, data_dir: Path) -> None:
    """Make sure that `data_dir` is the directory of everybody who uses the database; the first one decides.

    Raises:
        StateError: `data_directory_not_shared`, or the file can't be read or made.
    """
    with database.write() as connection:
        database.serialize(connection, "data_directory")
        token = connection.execute(select(data_directory.c.token)).scalar_one_or_none()
        if token is None:
            token = _read(data_dir, uuid.uuid4().hex)
            connection.execute(insert(data_directory).values(id=1, token=token))
            return
    # Looked at without making it: a directory without the file is another one.
    if not (data_dir / _FILE_NAME).exists() or _read(data_dir, "") != token:
        raise StateError(
            "data_directory_not_shared",
            f"The directory {data_dir} is not the one that the other processes of this database use. All of them "
            "need the same one, on a file system that they share: snapshots and the secret key lie there.",
        )


def _read(data_dir: Path, token: str) -> str:
    return read_or_create(data_dir / _FILE_NAME, token.encode("ascii")).decode("ascii", "replace").strip()
