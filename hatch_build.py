"""Bring third-party browser files into a build: htmx, and the Lucide icons that the templates name.

Owns which files those are. They come from wheels that only a build needs, and are never part of the repository.
"""

import re
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HTMX = "static/django_htmx/htmx-2.min.js"
"""htmx 2.0.10, the stable line; the same wheel's htmx 4 is a beta."""

ICONS = (
    *("activity", "arrow-down", "arrow-left-right", "arrow-right", "arrow-up", "ban", "bell", "boxes", "calendar"),
    *("check", "chevron-down", "chevron-left", "chevron-right", "chevrons-left", "chevrons-right", "chevrons-up-down"),
    *(
        "circle-alert",
        "circle-check",
        "circle-question-mark",
        "circle-x",
        "clock",
        "copy-x",
        "download",
        "external-link",
        "eye",
    ),
    *("file-down", "funnel", "history", "hourglass", "info", "layout-dashboard", "list", "loader", "mail-x", "menu"),
    *("monitor", "moon", "package-x", "pause", "pencil", "play", "plug", "plus", "refresh-cw", "rotate-ccw", "search"),
    *("settings-2", "shopping-cart", "square", "square-stack", "sun", "trash-2", "triangle-alert", "undo-2", "users"),
    *("webhook", "wifi-off", "x"),
)
"""By Lucide's names; a name that Lucide has given up stops the build."""

_WEB = Path("src/crossdock/web")
_ELEMENTS = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class VendoredFiles(BuildHookInterface[Any]):
    """Write the files into the package before it is built, also when it is installed for editing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write every file anew: a changed pin must show."""
        del version, build_data
        web = Path(self.root) / _WEB
        scripts, icons = web / "static" / "vendor", web / "templates" / "vendor"
        scripts.mkdir(parents=True, exist_ok=True)
        icons.mkdir(parents=True, exist_ok=True)
        (scripts / "htmx.min.js").write_bytes(files("django_htmx").joinpath(HTMX).read_bytes())
        with files("lucide").joinpath("lucide.zip").open("rb") as packed, zipfile.ZipFile(packed) as archive:
            for name in ICONS:
                (icons / f"{name}.svg").write_text(_inner(archive.read(f"{name}.svg").decode()), encoding="utf-8")


def _inner(svg: str) -> str:
    """Give what is within an icon's outer element: size, colour and stroke are the page's."""
    found = _ELEMENTS.search(svg)
    if found is None:
        raise ValueError(svg[:80])
    return " ".join(found[1].split())
