"""`/openapi.json`: complete enough to be believed, and true under any request that follows it."""

# The library's own types are partly unknown.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import build_sandbox
from tests.api.conftest import Api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


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


async def test_every_answer_has_an_example_that_fits_it(api: Api) -> None:
    document = await _document(api)
    shown = 0
    for name, operation in _operations(document).items():
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if content is None or int(status) >= 400 or not name.partition(" ")[2].startswith("/api/"):
                continue
            schema = _resolved(document, content["schema"])
            found = [content["example"]] if "example" in content else schema["examples"]
            whole = {**schema, "components": document["components"]}
            for example in found:
                jsonschema_rs.validate(whole, example)
                shown += 1
    assert shown >= 18


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


async def test_the_options_of_a_sync_are_listed_with_their_defaults(api: Api) -> None:
    body = (await _document(api))["components"]["schemas"]["OrderSyncBody"]
    options = body["properties"]["options"]["properties"]
    assert (options["createAs"]["default"], options["createAs"]["enum"]) == ("draft", ["draft", "order"])
    assert (options["numberPrefix"]["default"], options["requireProducts"]["default"]) == ("W", False)
    # Without a default: each destination has its own.
    assert "default" not in options["createMissingCustomers"]


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
    order = schemas["OrderDifference"]["examples"][0]
    assert order == {
        "orderNumber": "1234",
        "email": "customer@example.com",
        "totalPrice": "99.99",
        "currency": "EUR",
        "createdAt": "2024-01-15T10:30:00Z",
        "sourceOrderId": "123",
        "existsInSource": True,
        "existsInDestination": False,
        "sourcePlatform": "woocommerce",
        "destinationPlatform": "shopify",
        "lineItemCount": 3,
        "financialStatus": "paid",
        "fulfillmentStatus": "fulfilled",
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Serve the application as a user does, over two small stores; gives its address."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=4, orders=6))
    keys = sandbox.keys[0]
    environ = os.environ | {
        "CROSSDOCK_DATA_DIR": str(tmp_path_factory.mktemp("served")),
        "CROSSDOCK_WOOCOMMERCE_URL": keys.woo_url,
        "CROSSDOCK_WOOCOMMERCE_KEY": keys.consumer_key,
        "CROSSDOCK_WOOCOMMERCE_SECRET": keys.consumer_secret,
        "CROSSDOCK_SHOPIFY_DOMAIN": keys.shopify_domain,
        "CROSSDOCK_SHOPIFY_BASE_URL": keys.shopify_base_url,
        "CROSSDOCK_SHOPIFY_TOKEN": keys.shopify_token,
        "CROSSDOCK_LOOK_GAP_SECONDS": "0.1",
    }
    command = [str(Path(sys.executable).with_name("crossdock")), "serve", "--port", "0"]
    with (
        serving.serving(sandbox.app, listener),
        subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            yield line.split()[-1]
        finally:
            process.terminate()


def test_any_request_is_answered_as_documented(served: str) -> None:
    document = schemathesis.openapi.from_url(f"{served}/openapi.json").exclude(path_regex="/events$")
    names: list[str] = []
    run_id = httpx2.post(f"{served}/api/customers/compare", json={"sourceOfTruth": "shopify"}).json()["runId"]
    for found in document.get_all_operations():
        operation: Any = found.ok() if isinstance(found, Ok) else pytest.fail(str(found))
        names.append(operation.label)
        _try(operation, run_id)
    assert len(names) >= 20


def _try(operation: Any, run_id: str) -> None:  # noqa: ANN401 - the library's operation classes are not public
    @hypothesis_settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy())
    def requests_are_answered(case: schemathesis.Case[Any]) -> None:
        if "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = run_id
        case.call_and_validate(checks=CHECKS)

    requests_are_answered()
