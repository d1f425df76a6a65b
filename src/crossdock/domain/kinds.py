"""Record kinds: what a tool compares and migrates.

Owns the name of each kind and the registry that the composition root fills. It must not know columns, SQL, wire
formats or pages: those live in one folder per kind in the rooms above.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record, named in the singular as in markers and in the plural as in routes and commands."""

    name: str
    plural: str

    @property
    def title(self) -> str:
        """The plural as it stands in a heading: `Customers`."""
        return self.plural.capitalize()


CUSTOMER = RecordKind(name="customer", plural="customers")
ORDER = RecordKind(name="order", plural="orders")


class KindRegistry(Mapping[str, RecordKind]):
    """The kinds of one process by singular name, in the order in which their tools are listed."""

    def __init__(self, kinds: Iterable[RecordKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def __getitem__(self, name: str) -> RecordKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)
