"""The page about the API: every route, rendered from the OpenAPI document, without a script or an outside request.

Owns which parts of that document the page shows. It must not know any route.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from crossdock.web.pages.layout import render

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a route. `allowed` is empty where anything goes."""

    name: str
    place: str
    allowed: str
    help: str


@dataclass(frozen=True, slots=True)
class RouteLine:
    """One route as the page shows it. Examples are JSON text; `answers` are status, description and an example."""

    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: Sequence[Parameter]
    requests: Sequence[str]
    answers: Sequence[tuple[str, str, str]]


@router.get("/docs/api")
async def reference(request: Request) -> Response:
    """List the routes."""
    document: dict[str, Any] = request.app.openapi()
    routes = [
        _line(document, path, method, operations[method])
        for path, operations in document["paths"].items()
        for method in _METHODS
        if method in operations
    ]
    tags = list(dict.fromkeys(route.tag for route in routes))
    groups = [(tag, [route for route in routes if route.tag == tag]) for tag in tags]
    return await render(request, "reference.html", {"groups": groups}, here="reference")


def _line(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> RouteLine:
    bodies = operation.get("requestBody", {}).get("content", {})
    return RouteLine(
        tag=str(operation.get("tags", [""])[0]),
        method=method.upper(),
        path=path,
        summary=_plain(operation.get("summary", "")),
        description=_plain(operation.get("description", "")),
        parameters=[_parameter(document, one) for one in operation.get("parameters", [])],
        requests=[text for content in bodies.values() for text in _examples(document, content)],
        answers=[
            (status, _plain(answer["description"]), _first_example(document, answer))
            for status, answer in sorted(operation["responses"].items())
        ],
    )


def _parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Parameter:
    schema = _resolved(document, parameter["schema"])
    schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    allowed = schema.get("enum") or schema.get("pattern") or schema.get("type", "")
    if isinstance(allowed, list):
        allowed = ", ".join(map(str, schema["enum"]))
    if "default" in parameter["schema"] and parameter["schema"]["default"] != "":
        allowed = f"{allowed} (default {parameter['schema']['default']})"
    described = _plain(parameter.get("description") or schema.get("description", ""))
    return Parameter(str(parameter["name"]), str(parameter["in"]), str(allowed), described)


def _first_example(document: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    found = [text for content in answer.get("content", {}).values() for text in _examples(document, content)]
    return found[0] if found else ""


def _examples(document: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    if "example" in content:
        return [_written(content["example"])]
    return [_written(one) for one in _resolved(document, content.get("schema", {})).get("examples", ())]


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _plain(text: object) -> str:
    """Give a text of the document, which may be Markdown, without its backticks."""
    return str(text).replace("`", "")


def _written(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
