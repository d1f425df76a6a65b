"""The house rules that no linter knows: sizes, names, docstrings, and who may look at what."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "crossdock"
SOURCES = sorted(SOURCE.rglob("*.py"))
ALL_PYTHON = [
    *SOURCES,
    *(path for folder in ("tests", "benchmarks", "scripts") for path in (ROOT / folder).rglob("*.py")),
]

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 40
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
VALUE_LIBRARIES = {"babel", "email_validator", "idna", "phonenumbers"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _lines_of_code(function: Function) -> int:
    """Count the lines from the first statement after the docstring: documentation is no complexity."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _places(pattern: str, paths: list[Path]) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{_name(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if expression.search(line)
    ]


def test_there_is_something_to_judge() -> None:
    assert SOURCE / "logs.py" in SOURCES


def test_no_module_is_too_long() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL_PYTHON}
    assert {name: length for name, length in lengths.items() if length > MAX_MODULE_LINES} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{_name(path)}:{function.lineno} {function.name}": _lines_of_code(function)
        for path in SOURCES
        for function in _functions(_tree(path))
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_every_module_says_what_it_is() -> None:
    assert [_name(path) for path in ALL_PYTHON if path.stat().st_size and not ast.get_docstring(_tree(path))] == []


def test_every_module_of_the_package_says_what_it_is() -> None:
    assert [_name(path) for path in SOURCES if not ast.get_docstring(_tree(path))] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [_name(path) for path in SOURCES if FORBIDDEN_NAMES & set(path.relative_to(SOURCE).with_suffix("").parts)]
    assert named == []


def test_only_the_composition_root_asks_which_platform_it_is() -> None:
    def is_platform(node: ast.expr) -> bool:
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        return name == "platform" or name.endswith("_platform")

    def is_named(node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return node.value in {"woocommerce", "shopify"}
        return isinstance(node, ast.Attribute) and node.attr in {"WOOCOMMERCE", "SHOPIFY"}

    def asks(node: ast.AST) -> bool:
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            return any(map(is_platform, parts)) and any(map(is_named, parts))
        return isinstance(node, ast.Match) and is_platform(node.subject)

    places = [
        f"{_name(path)}:{getattr(node, 'lineno', 0)}"
        for path in SOURCES
        if path != SOURCE / "bootstrap.py"
        for node in ast.walk(_tree(path))
        if asks(node)
    ]
    assert places == []


def test_only_settings_read_the_environment() -> None:
    others = [path for path in SOURCES if path != SOURCE / "settings.py"]
    assert _places(r"\bos\.(environ|environb|getenv)\b|\bfrom os import .*\b(environ|getenv)\b|\benvvar=", others) == []


def test_the_domain_knows_only_values() -> None:
    allowed = sys.stdlib_module_names | VALUE_LIBRARIES | {"crossdock"}
    doers = {"asyncio", "logging", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading", "time"}
    strangers = {
        f"{_name(path)}: {name}"
        for path in (SOURCE / "domain").rglob("*.py")
        for name in _imported_names(_tree(path))
        if name.partition(".")[0] not in allowed - doers
    }
    assert strangers == set()


def test_the_domain_has_no_clock() -> None:
    domain = sorted((SOURCE / "domain").rglob("*.py"))
    assert _places(r"\b(datetime\.(now|utcnow|today)|date\.today)\(", domain) == []


def test_only_the_outside_swallows_any_error() -> None:
    def swallows_all(handler: ast.ExceptHandler) -> bool:
        last = handler.body[-1]
        is_clean_up = isinstance(last, ast.Raise) and last.exc is None
        names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else None
        return not is_clean_up and (names is None or not names.isdisjoint({"Exception", "BaseException"}))

    places = [
        f"{_name(path)}:{node.lineno}"
        for path in SOURCES
        if path.relative_to(SOURCE).parts[0] not in {"web", "jobs", "cli"}
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler) and swallows_all(node)
    ]
    assert places == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_left_for_later(word: str) -> None:
    assert _places(rf"#.*\b{word}\b", [path for path in ALL_PYTHON if path != Path(__file__)]) == []
