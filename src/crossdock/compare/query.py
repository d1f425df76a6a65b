"""What part of a list is asked for: sort, search, filters.

Owns the reading of that request against what the kind allows, and its SQL. Text from requests goes into parameters and
never into SQL. It must not know files or pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.compare.kinds import CompareKind, unknown_name
from crossdock.compare.kinds.values import SqlValue
from crossdock.compare.results import Searched, rank_column, searched_columns
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError

MAX_SEARCH = 200
"""The most characters of a search."""

_ENDING = "*"
"""What stands at the end of a search for what begins with the text before it."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A condition on the rows of one list, with the values of its parameters; false when it leaves every row.

    Rows must also begin with `beginning`, where that is set, in one of the columns `searched`.
    """

    condition: str = "true"
    parameters: tuple[SqlValue, ...] = ()
    beginning: str = ""
    searched: tuple[Searched, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parameters or self.beginning)


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: the column that holds each row's place in it, and its direction."""

    rank: str
    is_descending: bool = False

    @property
    def sql(self) -> str:
        """What stands after `order by`."""
        return f"{self.rank} {'desc' if self.is_descending else 'asc'}"


READING_ORDER = Order("row_no")
"""The order of the file."""


def narrow(kind: CompareKind, group: Group, where: Mapping[str, object], search: str) -> Narrowing:
    """Read filters and a search. Filters that are null or empty text are not set.

    A search is for text anywhere in a searched column; with `*` behind it, for text at a column's beginning.

    Raises:
        InvalidRequestError: the kind has no such list or filter, or a value is not allowed.
    """
    check_group(kind, group)
    filters = {narrowing.name: narrowing for narrowing in kind.filters if group in narrowing.groups}
    conditions: list[str] = []
    parameters: list[SqlValue] = []
    for name, value in where.items():
        if name not in filters:
            raise unknown_name("where", name, sorted(filters))
        if value is None or value == "":
            continue
        conditions.append(f"({filters[name].sql})")
        parameters.append(filters[name].parse(f"where.{name}", value))
    if len(search) > MAX_SEARCH:
        raise InvalidRequestError(
            "search_too_long", "The search is too long.", field="search", allowed=f"at most {MAX_SEARCH} characters"
        )
    is_beginning = search.rstrip().endswith(_ENDING)
    words = kind.fold_search(search.rstrip().removesuffix(_ENDING) if is_beginning else search)
    if words and not is_beginning:
        conditions.append("(" + " or ".join(f"contains({column}, ?)" for column in kind.searched) + ")")
        parameters.extend(words for _ in kind.searched)
    condition = " and ".join(conditions) or "true"
    return Narrowing(condition, tuple(parameters), words if is_beginning else "", searched_columns(kind))


def check_group(kind: CompareKind, group: Group) -> None:
    """Refuse a list that the kind does not have.

    Raises:
        InvalidRequestError: the kind has no such list.
    """
    if group not in kind.groups:
        raise unknown_name("group", group.value, [known.value for known in kind.groups])


def read_order(kind: CompareKind, sort: str | None, *, descending: bool | None) -> Order:
    """Give the order of a sort by the API's name: ascending unless asked otherwise; no sort is the kind's default.

    Raises:
        InvalidRequestError: the kind has no such sort.
    """
    name = kind.default_sort if sort is None else sort
    if name not in kind.sorts:
        raise unknown_name("sort", name, list(kind.sorts))
    falling = kind.default_descending and sort is None if descending is None else descending
    return Order(rank_column(name), falling)
