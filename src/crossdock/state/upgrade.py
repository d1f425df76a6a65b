"""Upgrading a database to the newest revision.

Owns how Alembic is run, in a transaction that the caller has open. It must not know any table.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from crossdock.domain.errors import StateError


def upgrade(connection: Connection) -> None:
    """Apply all migrations that the database lacks.

    Raises:
        StateError: `database_newer`, it was made by a newer Crossdock.
    """
    config = Config()
    # Alembic reads options as configparser does, to which a percent sign is special.
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StateError(
            "database_newer",
            "The database was made by a newer Crossdock. Update this one, or use another data directory.",
            str(error),
        ) from error
