"""What went wrong below: errors of the drivers and of the operating system as `StateError`.

Owns the codes and the advice. It must not let a driver's message through: it can quote a row.
"""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from crossdock.domain.errors import StateError

_ADVICE = {
    "disk_full": "The disk that holds Crossdock's data is full. Free some space; nothing that was saved is lost.",
    "disk_failing": "The disk that holds Crossdock's data reports an error. Check the disk, then start again.",
    "data_directory_read_only": "Crossdock may not write to its data directory. Give its user the right to "
    "write there, or choose another directory.",
    "database_damaged": "Crossdock's database is damaged or is no database. Put it aside together with its -wal and "
    "-shm files and bring back a backup.",
    "database_locked": "Another program holds Crossdock's database. Close it and try again.",
    "database_unavailable": "The database can't be reached. Check that it runs and that its address is right.",
    "database_refused": "The database refuses the user or the password. Check its address.",
    "database_failed": "The database could not do what was asked. The log says which error it gave.",
}

_SQLITE_CODES = {
    "SQLITE_FULL": "disk_full",
    "SQLITE_IOERR": "disk_failing",
    "SQLITE_READONLY": "data_directory_read_only",
    "SQLITE_CANTOPEN": "data_directory_read_only",
    "SQLITE_PERM": "data_directory_read_only",
    "SQLITE_CORRUPT": "database_damaged",
    "SQLITE_NOTADB": "database_damaged",
    "SQLITE_BUSY": "database_locked",
    "SQLITE_LOCKED": "database_locked",
}

# By SQLSTATE or its class: https://www.postgresql.org/docs/18/errcodes-appendix.html
_POSTGRES_CODES = {
    "53100": "disk_full",
    "58": "disk_failing",
    "25006": "data_directory_read_only",
    "42501": "database_refused",
    "XX001": "database_damaged",
    "XX002": "database_damaged",
    "55P03": "database_locked",
    "40P01": "database_locked",
    "40001": "database_locked",
    "28": "database_refused",
    "3D": "database_unavailable",
    "08": "database_unavailable",
    "57P": "database_unavailable",
    "53": "database_unavailable",
}

_SYSTEM_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EIO: "disk_failing",
}


def failure(code: str, detail: str) -> StateError:
    """Make the error for a code of this module's list; `detail` is for the log."""
    return StateError(code, _ADVICE[code], detail)


def system_failure(error: OSError) -> StateError:
    """Translate what the operating system refused in the data directory."""
    code = _SYSTEM_CODES.get(error.errno or 0, "data_directory_read_only")
    return failure(code, errno.errorcode.get(error.errno or 0, type(error).__name__))


def database_failure(error: DBAPIError) -> StateError:
    """Translate what a driver raised; only the driver's own code is kept."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        name: str = getattr(original, "sqlite_errorname", "")
        primary = "_".join(name.split("_")[:2])
        return failure(_SQLITE_CODES.get(primary, "database_failed"), name or type(original).__name__)
    state: str = getattr(original, "sqlstate", None) or ""
    code = next((_POSTGRES_CODES[key] for key in (state, state[:3], state[:2]) if key in _POSTGRES_CODES), None)
    if code is None:
        is_lost = error.connection_invalidated or (not state and type(original).__name__ == "OperationalError")
        code = "database_unavailable" if is_lost else "database_failed"
    return failure(code, state or type(original).__name__)
