"""The style sheet as a page: every component with its states, for whoever writes or judges a page.

Owns the examples. They are invented and belong to no store.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from crossdock.web.pages.history import Pager, Tab
from crossdock.web.pages.layout import render
from crossdock.web.pages.run_lines import StoreName

router = APIRouter(include_in_schema=False)

_LONG = "A name of many words that goes on for longer than any column is wide, as imported names sometimes do"
_HOSTILE = "<script>alert('text, never markup')</script>"
_RIGHT_TO_LEFT = "\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}\N{HEBREW LETTER VAV}\N{HEBREW LETTER FINAL MEM} 1001"


@router.get("/styleguide")
async def styleguide(request: Request) -> Response:
    """Show each component in each state."""
    tabs = [
        Tab("#tabs", "Only in source", 1204, is_here=True),
        Tab("#tabs", "Suspect matches", 12, is_here=False),
        Tab("#tabs", "Duplicates", 0, is_here=False),
    ]
    context = {
        "colours": [
            *("ground", "ground-side", "ground-sunk", "ground-hover", "line", "line-strong", "line-control"),
            *("ink-3", "ink-2", "ink", "accent", "accent-strong", "accent-tint", "accent-line"),
            *("ok", "ok-tint", "warn", "warn-tint", "bad", "bad-tint"),
        ],
        "source": StoreName("WC", "WooCommerce", "harbour.example.com"),
        "destination": StoreName("SH", "Shopify", "harbour.example.org"),
        "tabs": tabs,
        "pager": Pager.of("/styleguide", "default", {}, page=2, total=1204),
        "parts": [
            {"label": "created", "count": 1170, "tone": "accent"},
            {"label": "already there", "count": 18, "tone": "soft"},
            {"label": "failed", "count": 16, "tone": "bad"},
        ],
        "names": ["Ada Example", _LONG, _HOSTILE, _RIGHT_TO_LEFT],
    }
    return await render(request, "styleguide.html", context, here="styleguide")
