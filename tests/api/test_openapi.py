"""`/openapi.json`: complete enough to be believed, and true under any request that follows it."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode

from crossdock.settings import Settings
from tests.api.conftest import Api, OpenApi


async def _document(api: Api) -> dict[str, Any]:
    return (await api.client.get("/openapi.json")).json()


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


async def test_every_body_has_an_example(api: Api) -> None:
    document = await _document(api)
    assert document["openapi"].startswith("3.1")
    without = [
        name
        for name, operation in _operations(document).items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if not _resolved(document, content["schema"]).get("examples")
    ]
    assert without == []


async def test_every_refusal_is_a_documented_problem(api: Api) -> None:
    for name, operation in _operations(await _document(api)).items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                content = answer["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, name
                assert content["example"]["status"] == int(status), name


async def test_options_are_listed_with_their_defaults(api: Api) -> None:
    body = (await _document(api))["components"]["schemas"]["CustomerCompareBody"]
    options = body["properties"]["options"]["properties"]
    assert options["roles"]["default"] == ["customer"]
    assert options["includeGuests"]["default"] is False


async def test_the_examples_of_the_contract_are_its_own(api: Api) -> None:
    schemas = (await _document(api))["components"]["schemas"]
    difference = schemas["CustomerDifference"]["examples"][0]
    assert difference == {
        "email": "customer@example.com",
        "firstName": "John",
        "lastName": "Doe",
        "phone": "+1234567890",
        "sourceCustomerId": "123",
        "existsInSource": True,
        "existsInDestination": False,
        "sourcePlatform": "woocommerce",
        "destinationPlatform": "shopify",
    }
