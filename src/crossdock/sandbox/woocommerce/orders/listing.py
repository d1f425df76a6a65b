"""Own how an order listing is chosen, ordered, cut into pages and linked (reference §4.1 to §4.5).

Knows no permission and no reply format beyond its headers.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote_plus

from crossdock.sandbox.woocommerce.ledger.book import Entry, OrderBook, unpack
from crossdock.sandbox.woocommerce.ledger.order import Order
from crossdock.sandbox.woocommerce.php import fields, items
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.validation import id_texts, truth

_DEFAULT_PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders, and how many the store says there are in all."""

    orders: list[Order]
    total: int
    number: int
    pages: int


def select_orders(store: WooStore, params: Mapping[str, Any]) -> OrderPage:
    """Return the page that checked parameters ask for; past the end HPOS says there are none at all (§4.4)."""
    chosen = _Choice(store, params).entries()
    start, per_page, number = page_bounds(params)
    cut = chosen[start : start + per_page]
    total = 0 if store.modes.hpos and not cut else len(chosen)
    return OrderPage([unpack(entry) for entry in cut], total, number, math.ceil(total / per_page))


def page_bounds(params: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return where a page begins, how long it is, and its number; an offset wins over a page."""
    per_page = int(params.get("per_page", _DEFAULT_PAGE_SIZE))
    number = int(params.get("page", 1))
    if "offset" in params:
        start = max(int(params["offset"]), 0)
        return start, per_page, math.ceil(start / per_page + 1)
    return (number - 1) * per_page, per_page, number


def page_headers(total: int, number: int, pages: int, address: str, echoed: Mapping[str, Any]) -> dict[str, str]:
    """Return totals and links that echo the query with its defaults resolved (§4.4)."""
    links: list[str] = []
    if number > 1:
        links.append(_link(address, echoed, min(number - 1, pages), "prev"))
    if number < pages:
        links.append(_link(address, echoed, number + 1, "next"))
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    return {**headers, "Link": ", ".join(links)} if links else headers


def order_echo(store: WooStore, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order listing's query with the defaults that WordPress puts behind it."""
    status = id_texts(query.get("status")) or ["any"]
    defaults = {"dp": store.options.decimals(), "context": "view"}
    rest = {name: value for name, value in query.items() if name != "status"}
    return {**rest, "status": status, **{name: query.get(name, value) for name, value in defaults.items()}}


def parse_bound(text: str, zone: tzinfo, *, are_gmt: bool) -> int:
    """Return the epoch second that a date bound means (§4.2).

    Naive values are the site's, or UTC with `dates_are_gmt`; that switch together with a zone in the value is wrong by
    the site's offset, as it is on a real store.
    """
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None) if are_gmt else moment
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if are_gmt else zone)
    return int(moment.timestamp())


class _Choice:
    """The filters of one listing, applied in turn."""

    def __init__(self, store: WooStore, params: Mapping[str, Any]) -> None:
        self._store = store
        self._book: OrderBook = store.orders
        self._params = params

    def entries(self) -> list[Entry]:
        """Return every chosen entry in order."""
        include = [] if "product" in self._params else self._ids("include")
        if include:
            statuses = self._statuses()
            found = [one for one in self._book.entries_of(include) if statuses is None or one.status in statuses]
            return self._filtered(self._ordered(found))
        return self._filtered(self._sorted_by_status())

    def _ids(self, name: str) -> list[int]:
        return [int(text) for text in id_texts(self._params.get(name))]

    def _statuses(self) -> frozenset[str] | None:
        """Return the statuses to list, None for every one; posts know more of them than HPOS does (§4.1)."""
        asked, hpos = id_texts(self._params.get("status")) or ["any"], self._store.modes.hpos
        if not hpos and "auto-draft" in asked:
            return None
        if "any" not in asked:
            return frozenset(asked)
        present = () if hpos else (entry.status for entry in self._book.entries())
        return frozenset((*self._store.statuses(), *present, *asked)) - {"trash", "auto-draft", "any"} | (
            frozenset(asked) - {"any"}
        )

    def _sorted_by_status(self) -> list[Entry]:
        """Return all entries of the asked statuses in order; kept until an order changes, where order is stable."""
        statuses = self._statuses()

        def make() -> list[Entry]:
            entries = self._book.entries()
            return self._ordered([entry for entry in entries if statuses is None or entry.status in statuses])

        if self._params.get("orderby") == "modified":
            return make()
        name = (statuses, self._params.get("orderby", "date"), self._params.get("order", "desc"))
        return self._book.listing(name, make)

    def _ordered(self, entries: list[Entry]) -> list[Entry]:
        orderby, descends = self._params.get("orderby", "date"), self._params.get("order", "desc") != "asc"
        if orderby == "include":
            return entries
        if orderby == "modified":
            # Ties have no order of their own in the database: they fall differently from page to page (§4.3).
            start = page_bounds(self._params)[0]
            entries.sort(key=lambda entry: zlib.crc32(b"%d:%d" % (start, entry.id)))
            return sorted(entries, key=lambda entry: entry.modified_at, reverse=descends)
        if orderby == "date":
            return sorted(entries, key=lambda entry: (entry.created_at, entry.id), reverse=descends)
        return sorted(entries, key=lambda entry: entry.id, reverse=descends)

    def _filtered(self, entries: list[Entry]) -> list[Entry]:
        params = self._params
        if "customer" in params:
            customer = int(params["customer"])
            entries = [entry for entry in entries if entry.customer_id == customer]
        for name, wanted in (("exclude", False), ("parent", True), ("parent_exclude", False)):
            ids = set(self._ids(name))
            if ids:
                entries = [
                    entry
                    for entry in entries
                    if ((entry.id if name == "exclude" else entry.parent_id) in ids) is wanted
                ]
        entries = self._dated(entries)
        if "product" in params:
            product = int(params["product"])
            entries = [entry for entry in entries if _sells(unpack(entry), product)]
        search = str(params.get("search") or "").strip().lower()
        return self._searched(entries, search) if search else entries

    def _dated(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries within the date bounds, which are exclusive and of whole seconds (§4.2)."""
        are_gmt, zone = truth(self._params.get("dates_are_gmt")), self._store.zone
        for name in ("after", "before", "modified_after", "modified_before"):
            if name not in self._params:
                continue
            bound = parse_bound(str(self._params[name]), zone, are_gmt=are_gmt)
            by_change, is_after = name.startswith("modified"), name.endswith("after")
            entries = [
                entry
                for entry in entries
                if (moment := entry.modified_at if by_change else entry.created_at) != bound
                and (moment > bound) is is_after
            ]
        return entries

    def _searched(self, entries: list[Entry], term: str) -> list[Entry]:
        """Return what a search finds: ids, addresses, item names, and by mode transaction or note (§4.5)."""
        word = max(term.split(), key=len)
        hpos = self._store.modes.hpos
        possible = [
            entry
            for entry in entries
            if str(entry.id) == term or word in entry.packed.decode("utf-8", "replace").lower()
        ]
        orders = [(entry, unpack(entry)) for entry in possible]
        found = [entry for entry, order in orders if _is_found(order, term, has_transactions=hpos)]
        if found or hpos:
            return found
        return [entry for entry, order in orders if term in order.customer_note.lower()]


def _sells(order: Order, product: int) -> bool:
    return any(product in (line.product_id, line.variation_id) for line in order.lines)


def _is_found(order: Order, term: str, *, has_transactions: bool) -> bool:
    names = (
        *(line.name for line in (*order.lines, *order.fees)),
        *(line.method_title for line in order.shipping_lines),
        *(line.code for line in order.coupons),
    )
    texts = (" ".join(filter(None, order.billing)), " ".join(filter(None, order.shipping)), *names)
    if str(order.id) == term or any(term in text.lower() for text in texts):
        return True
    return has_transactions and term in order.transaction_id.lower()


def _link(address: str, echoed: Mapping[str, Any], number: int, relation: str) -> str:
    pairs: list[tuple[str, object]] = []
    for name, value in {**echoed, "page": number}.items():
        inner = list(fields(value).items()) or list(enumerate(items(value)))
        pairs.extend(((f"{name}[{key}]", one) for key, one in inner) if inner else ((name, value),))
    text = "&".join(f"{quote_plus(name)}={quote_plus(str(value))}" for name, value in pairs)
    return f'<{address}?{text}>; rel="{relation}"'
