"""The tools that there are, each as the pages of one kind.

Owns their list: a further tool is one more line here.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from crossdock.web.pages.tool import tool_router
from crossdock.web.pages.tool_choose import choice_router
from crossdock.web.pages.tool_customers import CUSTOMER_WORDS
from crossdock.web.pages.tool_orders import ORDER_WORDS
from crossdock.web.pages.tool_stream import stream_router
from crossdock.web.pages.tool_words import ToolWords

TOOLS: tuple[ToolWords, ...] = (CUSTOMER_WORDS, ORDER_WORDS)


def tool_routers(tools: Sequence[ToolWords] = TOOLS) -> list[APIRouter]:
    """Make the pages of all tools."""
    return [make(words) for words in tools for make in (tool_router, choice_router, stream_router)]
