"""The vocabulary of the tables: one `metadata`, and column types that SQLite and PostgreSQL keep alike.

Owns how times, hostile text and JSON values are stored. It must not know any table.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

SerialId = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives; SQLite does so for the type INTEGER only."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a time into milliseconds."""
        _ = dialect
        return None if value is None else (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn milliseconds into a time."""
        _ = dialect
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


def storable(text: str) -> str:
    """Give the text as a database can hold it: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class StoreText(TypeDecorator[str]):
    """Text that may come from a store, made `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what can't be stored."""
        _ = dialect
        return None if value is None else storable(value)


class JsonValue(TypeDecorator[Any]):
    """A JSON value in plain ASCII text: nothing in it can offend a database, and it is never searched. None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Write the value; a mapping of any kind is an object."""
        _ = dialect
        return None if value is None else json.dumps(value, separators=(",", ":"), default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read the value."""
        _ = dialect
        return None if value is None else json.loads(value)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    raise TypeError(f"{type(value).__name__} is no JSON value")
