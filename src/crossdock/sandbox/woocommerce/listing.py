"""Own how a customer listing is chosen, ordered, cut into pages and linked (reference §2.1, §2.2).

Knows no permission and no reply format.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote_plus

from crossdock.sandbox.woocommerce.account import Account
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.validation import id_texts

_DEFAULT_PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One page of accounts, and how many there are in all."""

    accounts: list[Account]
    total: int
    number: int
    pages: int


def select_page(store: WooStore, params: Mapping[str, Any]) -> Page:
    """Return the page that checked parameters ask for; a page past the end is empty and has the true totals."""
    per_page = int(params.get("per_page", _DEFAULT_PAGE_SIZE))
    number = int(params.get("page", 1))
    start = (number - 1) * per_page
    if "offset" in params:
        start = max(int(params["offset"]), 0)
        number = math.ceil(start / per_page + 1)
    chosen = _select(store, params)
    return Page(chosen[start : start + per_page], len(chosen), number, math.ceil(len(chosen) / per_page))


def paging_headers(page: Page, address: str, query: Mapping[str, Any]) -> dict[str, str]:
    """Return totals and, where there are any, links that echo the query: these replace the default one."""
    headers = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
    links: list[str] = []
    if page.number > 1:
        links.append(_link(address, query, min(page.number - 1, page.pages), "prev"))
    if page.number < page.pages:
        links.append(_link(address, query, page.number + 1, "next"))
    if links:
        headers["Link"] = ", ".join(links)
    return headers


def _select(store: WooStore, params: Mapping[str, Any]) -> list[Account]:
    role = str(params.get("role", "customer"))
    orderby, descending = str(params.get("orderby", "name")), params.get("order", "asc") == "desc"
    include = [int(text) for text in id_texts(params.get("include"))]
    exclude = {int(text) for text in id_texts(params.get("exclude"))}
    email, search = str(params.get("email", "")), str(params.get("search", ""))
    if include or email:
        found = [store.accounts.get(one) for one in include] if include else store.accounts.by_email(email)
        wanted = {account.id for account in found if account and (not email or _is_at(account, email))}
        if orderby == "include":
            places = {one: place for place, one in enumerate(include)}
            chosen = [
                cast("Account", store.accounts.get(one)) for one in sorted(wanted, key=lambda x: places.get(x, 0))
            ]
            chosen = [account for account in chosen if role in ("all", account.role)]
        else:
            chosen = _ordered(store, wanted, role, orderby, descending=descending)
    else:
        chosen = store.accounts.listing(role, orderby, descending=descending)
    if exclude:
        chosen = [account for account in chosen if account.id not in exclude]
    if search and not email:
        chosen = [account for account in chosen if _is_found(account, search.lower())]
    return chosen


def _ordered(store: WooStore, wanted: set[int], role: str, orderby: str, *, descending: bool) -> list[Account]:
    """Return a few accounts in order without sorting all of them where the order is that of ids."""
    if orderby == "id":
        accounts = (store.accounts.get(one) for one in sorted(wanted, reverse=descending))
        return [account for account in accounts if account and role in ("all", account.role)]
    return [a for a in store.accounts.listing(role, orderby, descending=descending) if a.id in wanted]


def _is_at(account: Account, email: str) -> bool:
    return account.email.lower() == email.lower()


def _is_found(account: Account, term: str) -> bool:
    """Tell whether a search hits: an `@` looks at e-mails only, digits at login and id, else login and names (§2.1)."""
    if "@" in term:
        return term in account.email.lower()
    username = account.username.lower()
    if term.isdigit():
        return term in username or term == str(account.id)
    return any(term in text for text in (username, account.email.lower(), account.display_name.lower()))


def _link(address: str, query: Mapping[str, Any], number: int, relation: str) -> str:
    echoed = {**query, "page": number}
    text = "&".join(f"{name}={quote_plus(str(value))}" for name, value in _flat(echoed))
    return f'<{address}?{text}>; rel="{relation}"'


def _flat(query: Mapping[str, Any]) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for name, value in query.items():
        if isinstance(value, dict):
            inner = cast("dict[str, object]", value)
            pairs.extend((f"{name}[{key}]", nested) for key, nested in inner.items())
        else:
            pairs.append((name, value))
    return pairs
