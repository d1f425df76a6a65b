"""The search syntax: parses a query and matches customers. Must not know paging or how results are served.

An unknown field or an unreadable value is ignored, all rows come back, and only a warning says so (reference §4.5, §6).
Dates of `updated_at` match whole days, as the schema states; clients must filter again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from crossdock.sandbox.shopify.errors import bad_request
from crossdock.sandbox.shopify.records import Customer, Wire

Predicate = Callable[[Customer], bool]
COUNT_FIELDS: Final = frozenset({"created_at", "id", "updated_at"})
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
class _Term:
    name: str
    comparator: str
    value: str
    is_quoted: bool


def parse_search(query: str, allowed: frozenset[str] | None = None) -> Search:
    """Parse a customer query; fields outside `allowed` (None: all customer filters) are ignored with a warning.

    Raises:
        ShopError: a filter by a metafield without a filterable definition (2026-10: an error, before that ignored).

    """
    search = Search(query)
    tokens = [match for match in _TOKEN.finditer(query) if match.end() > match.start() and match[0].strip()]
    if tokens:
        search.matches = _Parser(tokens, search, allowed).any_of()
    return search


class _Parser:
    """Recursive descent over the tokens: OR binds weaker than the implicit AND."""

    def __init__(self, tokens: list[re.Match[str]], search: Search, allowed: frozenset[str] | None) -> None:
        self._tokens = tokens
        self._at = 0
        self._search = search
        self._allowed = allowed

    def any_of(self) -> Predicate | None:
        branches = [self._all_of()]
        while self._next("or"):
            branches.append(self._all_of())
        kept = [branch for branch in branches if branch is not None]
        if len(kept) < len(branches):
            return None
        return kept[0] if len(kept) == 1 else lambda customer: any(branch(customer) for branch in kept)

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
        return lambda customer: all(part(customer) for part in parts)

    def _one(self) -> Predicate | None:
        if self._next("not"):
            negated = self._one() if self._at < len(self._tokens) else None
            return None if negated is None else lambda customer: not negated(customer)
        if self._next("open"):
            inner = self.any_of()
            self._next("close")
            return inner
        match = self._tokens[self._at]
        self._at += 1
        quoted = match["single"] if match["single"] is not None else match["double"]
        value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        term = _Term(match["field"] or "", match["compare"] or "", value or "", quoted is not None)
        return self._predicate(term)

    def _predicate(self, term: _Term) -> Predicate | None:
        name = term.name or "default"
        self._search.parsed = {"field": name, "match_all": term.value}
        if name.startswith("metafields."):
            raise bad_request(f"The metafield filter {name} has no definition that can be filtered by.")
        build = _FILTERS.get(name)
        if build is None or (self._allowed is not None and name not in self._allowed):
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


def _text(read: Callable[[Customer], str | None], *, is_tokenised: bool = False) -> Callable[[_Term], Predicate]:
    def build(term: _Term) -> Predicate:
        wanted = term.value.casefold()
        if wanted == "*":
            return lambda customer: bool(read(customer))
        if wanted.endswith("*"):
            return lambda customer: (read(customer) or "").casefold().startswith(wanted[:-1])
        if is_tokenised and not term.is_quoted:
            tokens = set(re.findall(r"\w+", wanted))
            return lambda customer: tokens <= set(re.findall(r"\w+", (read(customer) or "").casefold()))
        return lambda customer: (read(customer) or "").casefold() == wanted

    return build


def _moment(text: str) -> datetime:
    if text == "now":
        return datetime(9999, 12, 31, tzinfo=UTC)
    padded = text + "-01-01" if re.fullmatch(r"\d{4}", text) else text
    moment = datetime.fromisoformat(padded)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(read: Callable[[Customer], datetime], *, is_whole_day: bool = False) -> Callable[[_Term], Predicate]:
    def build(term: _Term) -> Predicate:
        wanted = _moment(term.value)
        if is_whole_day or not term.comparator:
            day = wanted.astimezone(UTC).date()
            return lambda customer: _compare(term.comparator, read(customer).astimezone(UTC).date(), day)
        return lambda customer: _compare(term.comparator, read(customer), wanted)

    return build


def _number(read: Callable[[Customer], float]) -> Callable[[_Term], Predicate]:
    def build(term: _Term) -> Predicate:
        wanted = float(term.value)
        return lambda customer: _compare(term.comparator, read(customer), wanted)

    return build


def _id(term: _Term) -> Predicate:
    wanted = int(term.value.rpartition("/")[2])
    return lambda customer: _compare(term.comparator, customer.number, wanted)


def _tag(*, is_wanted: bool) -> Callable[[_Term], Predicate]:
    def build(term: _Term) -> Predicate:
        wanted = {tag.strip().casefold() for tag in term.value.split(",")}
        return lambda customer: bool(wanted & {tag.casefold() for tag in customer.tags}) is is_wanted

    return build


def _accepts_marketing(term: _Term) -> Predicate:
    if term.value.casefold() not in {"true", "false"}:
        raise ValueError(term.value)
    wanted = term.value.casefold() == "true"
    return lambda customer: (customer.email_consent.state == "SUBSCRIBED") is wanted


def _country(term: _Term) -> Predicate:
    wanted = term.value.casefold()
    return lambda customer: any(
        wanted in {(address.country or "").casefold(), (address.country_code_v2 or "").casefold()}
        for address in customer.addresses
    )


def _default(term: _Term) -> Predicate:
    wanted = term.value.casefold().rstrip("*")

    def matches(customer: Customer) -> bool:
        texts = (customer.first_name, customer.last_name, customer.email, customer.phone)
        return any(wanted in text.casefold() for text in texts if text)

    return matches


_FILTERS: Final[Mapping[str, Callable[[_Term], Predicate]]] = {
    "default": _default,
    "accepts_marketing": _accepts_marketing,
    "country": _country,
    "created_at": _time(lambda customer: customer.created_at),
    "customer_date": _time(lambda customer: customer.created_at),
    "email": _text(lambda customer: customer.email, is_tokenised=True),
    "first_name": _text(lambda customer: customer.first_name),
    "id": _id,
    "last_name": _text(lambda customer: customer.last_name),
    "orders_count": _number(lambda customer: customer.number_of_orders),
    "phone": _text(lambda customer: customer.phone),
    "state": _text(lambda customer: customer.state),
    "tag": _tag(is_wanted=True),
    "tag_not": _tag(is_wanted=False),
    "total_spent": _number(lambda customer: float(customer.spent)),
    "updated_at": _time(lambda customer: customer.updated_at, is_whole_day=True),
}
