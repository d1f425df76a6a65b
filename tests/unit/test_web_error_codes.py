"""Every code in the source is documented: found by reading the source, not by running it."""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
RAISERS = re.compile(r"\w*Error|Reason|Refusal|refused|_lost|_warning|_may_have_happened|problem_response")
# Names that stand before a sentence and are no codes: capabilities of a check, options, settings of the sandbox.
OTHER_NAMES = re.compile(
    r"Finding|Command|_passed|_tried|Option|Column|Field|Filter|say|getattr|\w*_log|add_argument|_\w+_schema"
)

# A part of a connection's check that a page gives a title to: no code either, though it stands before words.
TITLED = {"api_version"}


def _code(node: ast.AST | None) -> list[str]:
    """Give what the node names, if it can be a code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        return [node.value]
    return []


def _is_sentence(node: ast.AST) -> bool:
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and any(" " in text for text in texts)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _before_sentences(parts: Sequence[ast.expr]) -> Iterator[str]:
    for part, following in pairwise(parts):
        if _is_sentence(following):
            yield from _code(part)


def _codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and RAISERS.fullmatch(_name(node.func)):
            for part in node.args[:2]:
                yield from _code(part)
        elif isinstance(node, ast.Call) and not OTHER_NAMES.fullmatch(_name(node.func)):
            yield from _before_sentences(node.args)
        elif isinstance(node, ast.Tuple):
            yield from _before_sentences(node.elts)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                # A level may stand before the sentence.
                told = value.elts[-1] if isinstance(value, ast.Tuple) and not _is_sentence(value.elts[0]) else value
                yield from _code(key) if _is_sentence(told) else ()


def _codes(repository: Path) -> dict[str, str]:
    source = repository / "src" / "crossdock"
    found: dict[str, str] = {}
    for path in sorted(source.rglob("*.py")):
        if source / "sandbox" not in path.parents:
            for code in _codes_in(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(code, path.relative_to(source).as_posix())
    return found


def _documented(repository: Path) -> set[str]:
    text = (repository / "docs" / "reference" / "error-codes.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z0-9_]+)`", text))


def test_every_code_is_documented(repository: Path) -> None:
    codes = _codes(repository)
    assert {"rate_limited", "source_changed", "disk_full", "cross_site", "locale_refused"} <= set(codes)
    documented = _documented(repository)
    assert {code: place for code, place in codes.items() if code not in documented | TITLED} == {}


def test_no_documented_code_is_a_thing_of_the_past(repository: Path) -> None:
    source = repository / "src" / "crossdock"
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    rows = re.findall(r"^\| (`.+?) \|", (repository / "docs/reference/error-codes.md").read_text("utf-8"), re.MULTILINE)
    documented = {code for row in rows for code in re.findall(r"`([a-z0-9_]+)`", row)}
    assert {code for code in documented if f'"{code}"' not in text} == set()
