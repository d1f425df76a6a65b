"""The frame of every page: navigation, the pair in hand, the theme, and rendering within it.

Owns the frame and the theme switch. It must not know what a page shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crossdock.jobs.requests import DEFAULT_PAIR
from crossdock.state import RunFilter, RunState
from crossdock.web.pages.run_words import share_of, what_short
from crossdock.web.services import services_of
from crossdock.web.templating import render_block, templates

router = APIRouter(include_in_schema=False)

Theme = Literal["system", "light", "dark"]
_THEME_COOKIE = "crossdock_theme"
_YEAR_SECONDS = 365 * 24 * 3600
_MOST_PAIRS = 500
"""How many pairs the switcher offers; an address names any other by `?pair=`."""


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One page of the sidebar; `icon` is Lucide's name."""

    name: str
    label: str
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Pages that stand together."""

    title: str
    entries: Sequence[NavEntry]


@dataclass(frozen=True, slots=True)
class RunningLine:
    """The run that is at work now, at the foot of the sidebar."""

    href: str
    label: str
    share: str
    done: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the frame shows. `address` is the page's own, for forms that lead back to it."""

    nav: Sequence[NavGroup]
    pairs: Sequence[str]
    pair: str
    theme: str
    version: str
    address: str
    running: RunningLine | None

    @property
    def home(self) -> str:
        """The address of the overview, for the pair in hand."""
        return with_pair("/", self.pair)

    @property
    def pair_choices(self) -> Sequence[tuple[str, str]]:
        """The pairs as choices of a field."""
        return [(name, name) for name in self.pairs]


def pair_of(request: Request) -> str:
    """Give the pair that an address names by `?pair=`; without one, `default`."""
    return request.query_params.get("pair") or DEFAULT_PAIR


def with_pair(path: str, pair: str, **query: object) -> str:
    """Write an address with its query; `default` and empty values are left out."""
    given = {"pair": "" if pair == DEFAULT_PAIR else pair, **query}
    kept = {name: str(value) for name, value in given.items() if value not in ("", None)}
    return f"{path}?{urlencode(kept, quote_via=quote)}" if kept else path


async def render(
    request: Request,
    name: str,
    context: Mapping[str, Any],
    *,
    here: str = "",
    pair: str | None = None,
    block: str | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    """Render a page within the frame, or its `block` alone where htmx asks for a part.

    `here` is the entry of the sidebar that is current; `pair` the pair in hand, without it that of the address.
    """
    headers = {"Vary": "HX-Request", "Cache-Control": "no-store"}
    layout = await layout_of(request, pair)
    whole = {**context, "request": request, "layout": layout, "here": here}
    if block is not None and wants_part(request):
        return HTMLResponse(render_block(name, block, whole), status_code, headers)
    return templates.TemplateResponse(request, name, whole, status_code, headers)


def wants_part(request: Request) -> bool:
    """Tell whether htmx asks for a part of a page; when it restores one from its history it asks for the whole."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"


async def layout_of(request: Request, pair: str | None = None) -> Layout:
    """Gather what the frame of this request's page shows."""
    services = services_of(request)
    chosen = pair or pair_of(request)
    pairs = list(await services.connections.pairs())[:_MOST_PAIRS]
    if chosen in pairs:
        running, _ = await services.runs.list(RunFilter(pair=chosen, state=RunState.RUNNING), limit=1)
    else:
        chosen, running = DEFAULT_PAIR, ()
    line = None
    if running:
        done, total = share_of(running[0])
        share = f"{100 * done // total} %" if total and done is not None else ""
        line = RunningLine(f"/runs/{running[0].id}", what_short(services, running[0]), share, done, total)
    return _frame(request, chosen, pairs, line)


def bare_layout(request: Request) -> Layout:
    """Give a frame that asks nothing of anybody: for the page about what we remember being out of reach."""
    return _frame(request, DEFAULT_PAIR, [], None)


def _frame(request: Request, pair: str, pairs: Sequence[str], running: RunningLine | None) -> Layout:
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    theme = request.cookies.get(_THEME_COOKIE, "system")
    return Layout(
        nav=_nav(pair),
        pairs=pairs,
        pair=pair,
        theme=theme if theme in {"light", "dark"} else "system",
        version=_version(),
        address=address if request.method == "GET" else "/",
        running=running,
    )


@router.post("/theme")
async def set_theme(theme: Annotated[Theme, Form()], back: Annotated[str, Form(max_length=2000)] = "/") -> Response:
    """Keep the theme in a cookie, and lead back to the page."""
    response = RedirectResponse(_own_address(back), status_code=303)
    if theme == "system":
        response.delete_cookie(_THEME_COOKIE)
    else:
        response.set_cookie(_THEME_COOKIE, theme, max_age=_YEAR_SECONDS, httponly=True, samesite="lax")
    return response


def _own_address(address: str) -> str:
    """Let nobody be led elsewhere: only a path of ours passes."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_ours else "/"


def _nav(pair: str) -> Sequence[NavGroup]:
    def entry(name: str, label: str, icon: str, path: str) -> NavEntry:
        return NavEntry(name, label, icon, with_pair(path, pair))

    return (
        NavGroup("", [entry("overview", "Overview", "layout-dashboard", "/")]),
        NavGroup(
            "Tools",
            [
                entry("customer-sync", "Customer Sync", "users", "/customer-sync"),
                entry("order-sync", "Order Sync", "shopping-cart", "/order-sync"),
            ],
        ),
        NavGroup(
            "",
            [
                entry("runs", "History", "history", "/runs"),
                entry("connections", "Connections", "plug", "/connections"),
            ],
        ),
    )


@cache
def _version() -> str:
    return version("crossdock")
