"""Starting the web application from the command line.

Owns the one place where it is found, by its name: the command line never imports `web`, so that a command that compares
loads no web framework.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from crossdock.settings import Settings


class _Serving(Protocol):
    def serve(
        self, settings: Settings, announce: Callable[[str], None] | None = None, *, has_worker: bool = True
    ) -> None: ...

    def refuse_open_address(self, settings: Settings) -> None: ...


def web_application() -> _Serving:
    """Load the web application's server."""
    return cast("_Serving", import_module("crossdock.web.serving"))
