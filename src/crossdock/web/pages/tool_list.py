"""The list of a result as its address describes it: which group, sorted, searched, filtered and paged how.

Owns the reading of that address, the links that change it, and rows ready to be shown. The address holds the whole
state of the page, so that Back, a second tab and a reload show the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from crossdock.compare.kinds import CompareKind
from crossdock.domain.difference import Group
from crossdock.web.pages.tool_options import SYNC_PREFIX
from crossdock.web.pages.tool_words import Column, Formats, Row, ToolWords

PAGE_ROWS = 25
_MOST_PAGES = 1_000_000
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address of a result says. `path` is the page's own; `kept` are the options of a later sync."""

    path: str
    group: Group = Group.ONLY_IN_SOURCE
    sort: str = ""
    is_descending: bool = False
    search: str = ""
    page: int = 1
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    kept: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * PAGE_ROWS

    @property
    def descending(self) -> bool | None:
        """The direction as the result's reader takes it: its own where no sort is named."""
        return self.is_descending if self.sort else None

    def narrowing(self) -> dict[str, str]:
        """Give search and filters as parameters."""
        return {**({"search": self.search} if self.search else {}), **self.where}

    def parameters(self) -> dict[str, str]:
        """Give everything as parameters, without what is as it would be anyway."""
        given = {} if self.group is Group.ONLY_IN_SOURCE else {"group": self.group.value}
        if self.sort:
            given |= {"sort": self.sort, "direction": "desc" if self.is_descending else "asc"}
        if self.page > 1:
            given["page"] = str(self.page)
        return {**given, **self.narrowing(), **self.kept}

    def href(self, **changed: str | int | None) -> str:
        """Link to the same list with other parameters; None drops one. Whatever changes, the first page is shown."""
        parameters: dict[str, str | int] = {**self.parameters()}
        parameters.pop("page", None)
        for name, value in changed.items():
            parameters.pop(name, None)
            if value is not None:
                parameters[name] = value
        return self._link(parameters)

    @property
    def here(self) -> str:
        """The address of the list as it is."""
        return self._link(self.parameters())

    def group_href(self, group: Group) -> str:
        """Link to another list of the result; filters and sort are each list's own."""
        return self._link({**({} if group is Group.ONLY_IN_SOURCE else {"group": group.value}), **self.kept})

    def span_href(self, first: str, after: str) -> str:
        """Link to the missing records of a span of days."""
        return self._link({"createdAfter": first, "createdBefore": after, **self.kept})

    def _link(self, parameters: Mapping[str, str | int]) -> str:
        return f"{self.path}?{urlencode(parameters)}" if parameters else self.path


def read_state(path: str, parameters: Mapping[str, str], kind: CompareKind) -> ListState:
    """Read an address; what the kind doesn't know is passed over, as people keep old links."""
    group = next((known for known in kind.groups if known.value == parameters.get("group")), Group.ONLY_IN_SOURCE)
    page = parameters.get("page", "")
    sort = parameters.get("sort", "")
    names = [one.name for one in kind.filters if group in one.groups]
    return ListState(
        path=path,
        group=group,
        sort=sort if sort in kind.sorts else "",
        is_descending=parameters.get("direction") == "desc",
        search=parameters.get("search", "").strip()[:_LONGEST_VALUE],
        page=min(int(page), _MOST_PAGES) if page.isascii() and page.isdigit() and page.strip("0") else 1,
        where={name: parameters[name][:_LONGEST_VALUE] for name in names if parameters.get(name, "").strip()},
        kept={name: value for name, value in parameters.items() if name.startswith(SYNC_PREFIX)},
    )


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head; `order` is `ascending`, `descending` or empty, for `aria-sort`."""

    text: str
    href: str
    order: str
    style: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text; `title` holds it again where it may be cut."""

    text: str
    style: str
    label: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the list, `place` its number on the page. `id` is empty where nothing can be chosen of it."""

    id: str
    label: str
    href: str
    cells: tuple[Cell, ...]
    place: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link of the pager; empty `href` is where one is, or a gap."""

    text: str
    href: str
    is_here: bool = False


def headings(words: ToolWords, state: ListState, kind: CompareKind) -> list[Heading]:
    """Make the heads: a sorted column turns round, a number or a date begins with the greatest."""
    sorted_by = state.sort or kind.default_sort
    is_falling = state.is_descending if state.sort else kind.default_descending
    shown: list[Heading] = []
    for column in words.columns[state.group]:
        order, href = "", ""
        if column.sort:
            is_sorted = column.sort == sorted_by
            falls_first = column.is_number or column.sort == kind.default_sort
            falls_next = not is_falling if is_sorted else falls_first
            order = ("descending" if is_falling else "ascending") if is_sorted else ""
            href = state.href(sort=column.sort, direction="desc" if falls_next else "asc")
        shown.append(Heading(column.heading, href, order, _style(column)))
    return shown


def shown_rows(
    rows: Sequence[Row], words: ToolWords, state: ListState, formats: Formats, chosen: frozenset[str]
) -> list[ShownRow]:
    """Make rows ready to be shown."""
    return [
        replace(_shown_row(row, words, state, formats, chosen), place=place) for place, row in enumerate(rows, start=1)
    ]


def pager(state: ListState, total: int) -> list[PageLink]:
    """Make the links to other pages: the neighbours, the first and the last."""
    last = max(1, -(-total // PAGE_ROWS))
    here = min(state.page, last)
    near = sorted({1, last, *range(max(1, here - 1), min(last, here + 1) + 1)})
    links = [PageLink("Previous", state.href(page=here - 1) if here > 1 else "")]
    before = 0
    for number in near:
        if number > before + 1:
            links.append(PageLink("…", ""))
        is_here = number == here
        links.append(PageLink(f"{number:,}", state.href(page=number if number > 1 else None), is_here))
        before = number
    return [*links, PageLink("Next", state.href(page=here + 1) if here < last else "")]


def _shown_row(row: Row, words: ToolWords, state: ListState, formats: Formats, chosen: frozenset[str]) -> ShownRow:
    source_id = str(row.get("source_id") or "")
    record_id = source_id or str(row.get("destination_id") or "")
    cells = tuple(
        Cell(column.cell(row, formats), _style(column), column.heading) for column in words.columns[state.group]
    )
    href = f"{state.path}/record?{urlencode({**state.parameters(), 'record': record_id})}"
    return ShownRow(source_id, cells[0].text, href, cells, 0, source_id in chosen)


def _style(column: Column) -> str:
    return f"{column.style} num".strip() if column.is_number else column.style
