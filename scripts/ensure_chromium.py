"""Leave a Chromium on this machine for the browser tests, in the way that costs this machine least.

The system's own comes first, then Playwright's, then the system's package manager; `tests/conftest.py` finds it again.
"""

import os
import shutil
import subprocess
import sys

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_COMMANDS = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"),
)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _find_in_system() -> bool:
    return any(shutil.which(name) for name in SYSTEM_NAMES)


def _install_from_playwright() -> bool:
    return _succeeds(sys.executable, "-m", "playwright", "install", "chromium")


def _install_from_system() -> bool:
    """Install with apt: only it is sure to have a package of that name, and only root may."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return all(_succeeds(*command) for command in APT_COMMANDS) and _find_in_system()


def main() -> None:
    """Make sure that a Chromium is there, or say what to do."""
    if not (_find_in_system() or _install_from_playwright() or _install_from_system()):
        sys.exit("No Chromium could be installed for the browser tests. Install your system's package `chromium`.")


if __name__ == "__main__":
    main()
