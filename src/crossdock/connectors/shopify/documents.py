"""The GraphQL documents that are sent to Shopify, each in a file of its own.

Owns how a file becomes a document: its text, its kind, and the first guess of its cost, which stands in the file's
first line. It must not know how a document is sent.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FIRST_LINE = re.compile(r"# Points: (\d+)\n")
_OPERATION = re.compile(r"\b(query|mutation)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One operation. `points` is the requested cost expected until a reply has told it."""

    name: str
    text: str
    points: int
    is_mutation: bool


@cache
def load(path: str, *fragments: str) -> Document:
    """Read a document, with the files of the fragments that it uses; paths are relative to this package."""
    text = _read(path)
    head = _FIRST_LINE.match(text)
    if head is None:
        raise ValueError(f"{path} does not begin with its cost.")
    return document("\n".join((text[head.end() :], *map(_read, fragments))), points=int(head[1]))


def document(text: str, *, points: int) -> Document:
    """Make a document of a text, for instance one that was put together for this many records."""
    operation = _OPERATION.search(text)
    if operation is None:
        raise ValueError("The document names no operation.")
    return Document(operation[2], text, points, is_mutation=operation[1] == "mutation")


def _read(path: str) -> str:
    return files("crossdock.connectors.shopify").joinpath(*path.split("/")).read_text(encoding="utf-8")
