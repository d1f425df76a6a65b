"""The search syntax: parses a query and builds the terms' tests. Must not know what is searched, or paging.

An unknown field or an unreadable value is ignored, all rows come back, and only a warning says so (reference §4.5, §6).
Dates of `updated_at` match whole days, as the schema states; clients must filter again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.sandbox.shopify.errors import bad_request
from crossdock.sandbox.shopify.records import Wire

# What a filter is asked of: a record of the one kind that its table of filters is written for.
Predicate = Callable[[Any], bool]
Read = Callable[[Any], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<or>OR\b)|(?P<and>AND\b)|(?P<not>NOT\b|-(?=\S))
    |(?:(?P<field>[A-Za-z_][\w.$-]*)\s*:\s*(?P<compare>>=|<=|>|<)?\s*)?
     (?:'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<bare>[^\s()]+)))""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Search:
    """A parsed query: `matches` is None when it lets every row through."""

    query: str
    matches: Predicate | None = None
    parsed: dict[str, Wire] = field(default_factory=dict[str, Wire])
    warnings: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@dataclass(slots=True, frozen=True)
class Term:
    """One `field:value` of a query; without a field it is named `default`."""

    name: str
    comparator: str
    value: str
    is_quoted: bool


def parse_search(query: str, filters: "Filters") -> Search:
    """Parse a query; fields that there is no filter for are ignored with a warning.

    Raises:
        ShopError: a filter by a metafield without a filterable definition (2026-10: an error, before that ignored).

    """
    search = Search(query)
    tokens = [match for match in _TOKEN.finditer(query) if match.end() > match.start() and match[0].strip()]
    if tokens:
        search.matches = _Parser(tokens, search, filters).any_of()
    return search


Filters = Mapping[str, Callable[[Term], Predicate]]


class _Parser:
    """Recursive descent over the tokens: OR binds weaker than the implicit AND."""

    def __init__(self, tokens: list[re.Match[str]], search: Search, filters: Filters) -> None:
        self._tokens = tokens
        self._at = 0
        self._search = search
        self._filters = filters

    def any_of(self) -> Predicate | None:
        branches = [self._all_of()]
        while self._next("or"):
            branches.append(self._all_of())
        kept = [branch for branch in branches if branch is not None]
        if len(kept) < len(branches):
            return None
        return kept[0] if len(kept) == 1 else lambda row: any(branch(row) for branch in kept)

    def _all_of(self) -> Predicate | None:
        parts: list[Predicate] = []
        while self._at < len(self._tokens) and not self._peek("or") and not self._peek("close"):
            if self._next("and"):
                continue
            part = self._one()
            if part is not None:
                parts.append(part)
        if len(parts) <= 1:
            return parts[0] if parts else None
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Predicate | None:
        if self._next("not"):
            negated = self._one() if self._at < len(self._tokens) else None
            return None if negated is None else lambda row: not negated(row)
        if self._next("open"):
            inner = self.any_of()
            self._next("close")
            return inner
        match = self._tokens[self._at]
        self._at += 1
        quoted = match["single"] if match["single"] is not None else match["double"]
        value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        term = Term(match["field"] or "", match["compare"] or "", value or "", quoted is not None)
        return self._predicate(term)

    def _predicate(self, term: Term) -> Predicate | None:
        name = term.name or "default"
        self._search.parsed = {"field": name, "match_all": term.value}
        if name.startswith("metafields."):
            raise bad_request(f"The metafield filter {name} has no definition that can be filtered by.")
        build = self._filters.get(name)
        if build is None:
            self._warn(name, "Invalid search field for this query.", "invalid_field")
            return None
        try:
            return build(term)
        except ValueError:
            self._warn(name, f"Input `{term.value}` is not an accepted value.", "invalid_value")
            return None

    def _warn(self, name: str, message: str, code: str) -> None:
        self._search.warnings.append({"field": name, "message": message, "code": code})

    def _peek(self, kind: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][kind] is not None

    def _next(self, kind: str) -> bool:
        found = self._peek(kind)
        self._at += found
        return found


def _compare(comparator: str, left: Wire, right: Wire) -> bool:
    match comparator:
        case ">=":
            return left >= right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case "<":
            return left < right
        case _:
            return left == right


def text(read: Read, *, is_tokenised: bool = False) -> Callable[[Term], Predicate]:
    """Filter by a text in any case; `*` asks for any, `abc*` for a beginning; unquoted tokens match anywhere."""

    def build(term: Term) -> Predicate:
        wanted = term.value.casefold()
        if wanted == "*":
            return lambda row: bool(read(row))
        if wanted.endswith("*"):
            return lambda row: (read(row) or "").casefold().startswith(wanted[:-1])
        if is_tokenised and not term.is_quoted:
            tokens = set(re.findall(r"\w+", wanted))
            return lambda row: tokens <= set(re.findall(r"\w+", (read(row) or "").casefold()))
        return lambda row: (read(row) or "").casefold() == wanted

    return build


def exact(read: Read) -> Callable[[Term], Predicate]:
    """Filter by a text, case for case."""

    def build(term: Term) -> Predicate:
        wanted = term.value
        return lambda row: (read(row) or "") == wanted

    return build


def choice(read: Read, accepted: frozenset[str]) -> Callable[[Term], Predicate]:
    """Filter by a word in any case; any other word is no accepted value."""

    def build(term: Term) -> Predicate:
        wanted = {value.strip().casefold() for value in term.value.split(",")}
        if not wanted <= accepted:
            raise ValueError(term.value)
        return lambda row: (read(row) or "").casefold() in wanted

    return build


def truth(read: Read) -> Callable[[Term], Predicate]:
    """Filter by `true` or `false`."""

    def build(term: Term) -> Predicate:
        if term.value.casefold() not in {"true", "false"}:
            raise ValueError(term.value)
        wanted = term.value.casefold() == "true"
        return lambda row: bool(read(row)) is wanted

    return build


def _moment(text: str) -> datetime:
    if text == "now":
        return datetime(9999, 12, 31, tzinfo=UTC)
    padded = text + "-01-01" if re.fullmatch(r"\d{4}", text) else text
    moment = datetime.fromisoformat(padded)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def time(read: Read, *, is_whole_day: bool = False) -> Callable[[Term], Predicate]:
    """Filter by a time; without a comparator, or with whole days only, days are compared."""

    def build(term: Term) -> Predicate:
        wanted = _moment(term.value)
        if is_whole_day or not term.comparator:
            day = wanted.astimezone(UTC).date()
            return lambda row: _compare(term.comparator, read(row).astimezone(UTC).date(), day)
        return lambda row: read(row) is not None and _compare(term.comparator, read(row), wanted)

    return build


def number(read: Read) -> Callable[[Term], Predicate]:
    """Filter by a number."""

    def build(term: Term) -> Predicate:
        wanted = float(term.value)
        return lambda row: _compare(term.comparator, read(row), wanted)

    return build


def record_id(read: Read) -> Callable[[Term], Predicate]:
    """Filter by an id, plain or global."""

    def build(term: Term) -> Predicate:
        wanted = int(term.value.rpartition("/")[2])
        return lambda row: _compare(term.comparator, read(row), wanted)

    return build


def tag(read: Read, *, is_wanted: bool = True) -> Callable[[Term], Predicate]:
    """Filter by one of several tags, in any case."""

    def build(term: Term) -> Predicate:
        wanted = {one.strip().casefold() for one in term.value.split(",")}
        return lambda row: bool(wanted & {one.casefold() for one in read(row)}) is is_wanted

    return build
