"""What every test may rely on: where the repository is, and which Chromium the browser tests drive."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

# The order of scripts/ensure_chromium.py, which makes sure that one of these or Playwright's own is there.
_SYSTEM_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of this checkout."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Take the system's Chromium where there is one, and do without its sandbox where root may not have it."""
    arguments = dict(browser_type_launch_args)
    found = next(filter(None, map(shutil.which, _SYSTEM_CHROMIUMS)), None)
    if found:
        arguments["executable_path"] = found
    if os.name == "posix" and os.geteuid() == 0:
        arguments["args"] = [*arguments.get("args", []), "--no-sandbox"]
    return arguments
