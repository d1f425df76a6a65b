"""All that is remembered, behind one door.

Owns the order of opening and closing. It must not know what any part remembers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from crossdock.domain.errors import StateError
from crossdock.state.database import Database
from crossdock.state.events import Events
from crossdock.state.ledger import Ledger
from crossdock.state.mutes import Mutes
from crossdock.state.pairs import Pairs
from crossdock.state.runs import Runs
from crossdock.state.secrets import SecretBox
from crossdock.state.selections import Selections
from crossdock.state.shared_directory import confirm_directory
from crossdock.state.tokens import Tokens
from crossdock.state.worklist import Worklist


@dataclass(frozen=True, slots=True)
class State:
    """Every part may be called from any thread; every call blocks until the disk has it."""

    database: Database
    secrets: SecretBox
    tokens: Tokens
    pairs: Pairs
    runs: Runs
    events: Events
    worklist: Worklist
    ledger: Ledger
    mutes: Mutes
    selections: Selections

    @classmethod
    def open(cls, data_dir: Path, *, database_url: str | None = None, secret_key: str | None = None) -> Self:
        """Open what is remembered in `data_dir`, or at `database_url` (PostgreSQL) with the key in `data_dir`.

        Raises:
            StateError: as `Database.open`, `confirm_directory` and `SecretBox.open` say.
        """
        database = Database.open(data_dir, database_url)
        try:
            if database.is_shared:
                confirm_directory(database, data_dir)
            secrets = SecretBox.open(data_dir, secret_key)
        except StateError:
            database.close()
            raise
        return cls(
            database=database,
            secrets=secrets,
            tokens=Tokens(database, secrets),
            pairs=Pairs(database, secrets),
            runs=Runs(database),
            events=Events(database),
            worklist=Worklist(database),
            ledger=Ledger(database),
            mutes=Mutes(database),
            selections=Selections(database),
        )

    def close(self) -> None:
        """Close the database and let other programs in. May be repeated."""
        self.database.close()
