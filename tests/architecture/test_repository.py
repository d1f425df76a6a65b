"""What must not stand in any file of the repository: the hosts of packages, and paths or addresses of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In two parts each, so that this file passes its own test.
PACKAGE_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "crates" + ".io",
    "deb." + "debian.org",
    "security." + "debian.org",
    "jsdelivr" + ".net",
    "unpkg" + ".com",
    "index" + "-url =",
    "extra" + "-index-url",
]
MACHINE_PATHS = [
    r"(?<![\w.-])/" + r"work/(main|shared)",
    r"(?<![\w.-])/" + r"tmp/[a-z]",
    r"(?<![\w.-])/" + r"root/",
    r"(?<![\w.-])/" + r"home/\w",
]


def _texts() -> dict[str, str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    found = _texts()
    assert "pyproject.toml" in found
    return found


@pytest.mark.parametrize("host", PACKAGE_HOSTS)
def test_no_file_names_a_host_of_packages(texts: dict[str, str], host: str) -> None:
    assert [name for name, text in texts.items() if host in text.lower()] == []


@pytest.mark.parametrize("pattern", MACHINE_PATHS)
def test_no_file_names_a_path_of_one_machine(texts: dict[str, str], pattern: str) -> None:
    expression = re.compile(pattern)
    assert [name for name, text in texts.items() if expression.search(text)] == []


def test_the_locks_hold_versions_and_hashes_only(texts: dict[str, str]) -> None:
    locks = {name: text for name, text in texts.items() if name.startswith("requirements/")}
    assert set(locks) == {f"requirements/{name}.txt" for name in ("uv", "run", "workers", "dev", "build")}
    for name, text in locks.items():
        entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert entries, name
        assert [line for line in entries if "==" not in line] == [], name
        assert "://" not in text, name
        assert text.count("--hash=sha256:") >= len(entries), name


def test_what_runs_is_what_is_tested(texts: dict[str, str]) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==[^ ]+)", texts[name].replace("[binary]", ""), flags=re.MULTILINE))

    assert pins("requirements/run.txt") <= pins("requirements/dev.txt")
