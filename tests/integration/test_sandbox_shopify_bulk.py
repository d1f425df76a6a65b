"""Bulk operations of the Shopify sandbox: uploads, life cycle, results, limits and refusals.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

import asyncio
import json
from typing import Any

import pytest

from crossdock.sandbox.shopify.records import SeedCustomer
from tests.integration.test_sandbox_shopify import Shop

STAGE = """mutation($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }"""
RUN = """mutation($mutation: String!, $path: String!, $client: String) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: $client) {
    bulkOperation { id status type objectCount url } userErrors { code field message } } }"""
RUN_QUERY = """mutation($query: String!, $grouped: Boolean! = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status type objectCount url } userErrors { code field message } } }"""
POLL = """query($id: ID!) { bulkOperation(id: $id) { status errorCode objectCount rootObjectCount fileSize url
  partialDataUrl completedAt query } }"""
CANCEL = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { field message } } }"
CREATE = """mutation crossdock_run_1($input: CustomerInput!) { customerCreate(input: $input) {
  customer { id } userErrors { field message } } }"""
EXPORT = """{ customers { edges { node { id email defaultAddress { city }
  addressesV2 { edges { node { id city } } } metafields { edges { node { key } } } } } } }"""


def path_of(url: str) -> str:
    """Cut a link of the store down to its path."""
    return url.removeprefix("http://shop.example.com")


async def upload(shop: Shop, content: bytes, *, is_file_last: bool = True) -> tuple[str, Any]:
    given = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "a.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": "POST",
    }
    (target,) = (await shop.data(STAGE, input=[given]))["stagedTargets"]
    fields = {one["name"]: one["value"] for one in target["parameters"]}
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
    parts.insert(len(parts) if is_file_last else 0, ("file", ("a.jsonl", content, "text/jsonl")))
    return fields["key"], await shop.send("POST", path_of(target["url"]), token="", files=parts)


def jsonl(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def finished(shop: Shop, operation: dict[str, Any]) -> dict[str, Any]:
    """Let the store's clock pass until the operation has ended."""
    for _ in range(500):
        shop.wait(1)
        polled = await shop.data(POLL, id=operation["id"])
        if polled["status"] not in {"CREATED", "RUNNING", "CANCELING"}:
            return polled
    pytest.fail("the bulk operation did not end")


async def lines(shop: Shop, url: str) -> list[dict[str, Any]]:
    response = await shop.send("GET", path_of(url), token="")
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


async def test_an_upload_is_multipart_with_the_file_last_and_answered_201_in_xml() -> None:
    """§2.3, §9.7."""
    shop = Shop()
    key, response = await upload(shop, jsonl({"input": {}}))
    assert key.startswith("tmp/")
    assert key.endswith("/a.jsonl")
    assert response.status_code == 201
    assert f"<Key>{key}</Key>" in response.text
    assert (await upload(shop, b"x", is_file_last=False))[1].status_code == 400


async def test_a_bulk_mutation_runs_each_line_shuffled_and_outside_the_bucket() -> None:
    """§2.3, §9.7: CREATED, RUNNING, COMPLETED; slashes escaped; a line's error is its own."""
    shop = Shop()
    rows = [{"input": {"email": f"reader{number}@example.com"}} for number in range(30)]
    rows[4] = {"input": {"email": "READER3@example.com"}}
    rows[5] = {"input": {"emial": "x"}}
    key, _ = await upload(shop, jsonl(*rows))
    shop.wait(60)
    payload = await shop.data(RUN, mutation=CREATE, path=key)
    assert payload["userErrors"] == []
    operation = payload["bulkOperation"]
    expected = {"status": "CREATED", "type": "MUTATION", "objectCount": "0", "url": None}
    assert operation == {"id": operation["id"], **expected}
    polled = await finished(shop, operation)
    assert (polled["status"], polled["objectCount"], polled["query"]) == ("COMPLETED", "30", CREATE)
    response = await shop.send("GET", path_of(polled["url"]), token="")
    assert int(polled["fileSize"]) == len(response.content)
    assert rb"gid:\/\/shopify\/Customer\/" in response.content
    results = await lines(shop, polled["url"])
    numbers = [result["__lineNumber"] for result in results]
    assert sorted(numbers) == list(range(30))
    assert numbers != sorted(numbers)
    by_number = {result["__lineNumber"]: result for result in results}
    taken = [by_number[number]["data"]["customerCreate"]["userErrors"] for number in (3, 4)]
    assert sorted(taken, key=len)[1] == [{"field": ["email"], "message": "Email has already been taken"}]
    assert by_number[5]["errors"][0]["message"].endswith("for emial (Field is not defined on CustomerInput)")
    assert len(shop.store.customers) == 28
    shop.wait(60)
    cost = (await shop.reply(POLL, id=operation["id"]))["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (1, 1999)


async def test_an_operation_goes_on_while_nobody_asks() -> None:
    shop = Shop()
    shop.store.behaviour.bulk_start_seconds = shop.store.behaviour.bulk_run_seconds = 0
    key, _ = await upload(shop, jsonl(*({"input": {"email": f"r{number}@example.com"}} for number in range(200))))
    await shop.data(RUN, mutation=CREATE, path=key)
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=20)
    assert shop.store.bulk.unfinished() == []
    assert len(shop.store.customers) == 200


async def test_a_bulk_query_lists_children_apart_with_the_parents_id() -> None:
    """§2.1: children unordered, inline objects inline, no size limit of a page."""
    shop = Shop()
    shop.store.seed(
        SeedCustomer(
            email=f"reader{number}@example.com",
            addresses=[{"city": f"Town {number}"}, {"city": f"Port {number}"}],
            metafields=[("woo", "source_id", "id", str(number))],
        )
        for number in range(300)
    )
    polled = await finished(shop, (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"])
    assert (polled["objectCount"], polled["rootObjectCount"]) == ("1200", "300")
    rows = await lines(shop, polled["url"])
    customers = {row["id"]: row for row in rows if "email" in row}
    assert len(customers) == 300
    assert next(iter(customers.values())).keys() == {"id", "email", "defaultAddress"}
    addresses = [row for row in rows if "city" in row]
    assert all(customers[row["__parentId"]]["defaultAddress"]["city"][5:] == row["city"][5:] for row in addresses)
    follows = [rows[index - 1].get("id") == row["__parentId"] for index, row in enumerate(rows) if "__parentId" in row]
    assert not all(follows[::3])


async def test_a_result_without_rows_has_no_file_and_a_file_lives_seven_days_without_token() -> None:
    """§2.2."""
    shop = Shop()
    polled = await finished(shop, (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"])
    assert (polled["status"], polled["url"], polled["fileSize"]) == ("COMPLETED", None, None)
    shop.store.seed([SeedCustomer(email="a@example.com")])
    polled = await finished(shop, (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"])
    assert len(await lines(shop, polled["url"])) == 1
    shop.wait(7 * 24 * 3600)
    assert (await shop.send("GET", path_of(polled["url"]))).status_code == 403


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("{ shop { id } }", "Bulk queries must contain at least one connection.", ""),
        (
            "{ customers { nodes { id } } }",
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: ",
            "Selecting via 'nodes' is not supported. Invalid connection fields: 'customers'.",
        ),
        (
            '{ node(id: "gid://shopify/Customer/1") { id } }',
            "Bulk queries cannot contain a top level `node` field.",
            "",
        ),
        (
            "{ customers { edges { node { email addressesV2 { edges { node { id } } } } } } }",
            "The parent 'node' field for a nested connection must select the 'id' field without an alias",
            "Connection fields without 'id': customers.",
        ),
        (CREATE, "Invalid operation type. Only `query` operations are supported.", ""),
        ("#" + "a" * 65535, "Query is too large (65536 bytes; maximum is 65535 bytes)", ""),
    ],
)
async def test_a_document_that_can_not_run_in_bulk(query: str, start: str, end: str) -> None:
    """§2.1."""
    payload = await Shop().data(RUN_QUERY, query=query)
    assert payload["bulkOperation"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["query"])
    assert error["message"].startswith(start)
    assert error["message"].endswith(end or start)


async def test_unfinished_documents_are_syntax_errors() -> None:
    """§2.1, §2.3."""
    shop = Shop()
    (error,) = (await shop.data(RUN_QUERY, query="{ customers {"))["userErrors"]
    assert error["message"].startswith("Invalid bulk query: syntax error, unexpected end of file")
    (error,) = (await shop.data(RUN, mutation="mutation { a", path="tmp/x"))["userErrors"]
    assert error["message"].startswith("Failed to parse the mutation - syntax error, unexpected end of file")


@pytest.mark.parametrize(
    ("mutation", "client", "error"),
    [
        ("{ shop { id } }", None, (None, "INVALID_MUTATION", "Invalid operation type. Only `mutation` operations")),
        (
            "mutation { a: customerCreate(input: {}) { customer { id } } b: tagsAdd(id: 1, tags: []) { node { id } } }",
            None,
            (["mutation"], None, "You must specify a single top level mutation."),
        ),
        (
            'mutation { bulkOperationRunQuery(query: "{a}") { bulkOperation { id } } }',
            None,
            (["mutation"], None, "You must use an allowed mutation name."),
        ),
        (CREATE, "short", (["clientIdentifier"], "INVALID_MUTATION", "is too short (minimum is 10 characters)")),
        (CREATE, "x" * 256, (["clientIdentifier"], "INVALID_MUTATION", "is too long (maximum is 255 characters)")),
        (CREATE, None, (None, "NO_SUCH_FILE", "The JSONL file could not be found. Try uploading the file again")),
    ],
)
async def test_a_bulk_mutation_that_can_not_start(mutation: str, client: str | None, error: tuple[Any, ...]) -> None:
    """§2.3."""
    payload = await Shop().data(RUN, mutation=mutation, path="tmp/1/bulk/x/none.jsonl", client=client)
    (found,) = payload["userErrors"]
    field, code, message = error
    assert (found["field"], found["code"]) == (field, code)
    assert found["message"].startswith(message)


async def test_an_empty_file_is_refused() -> None:
    """§2.3."""
    shop = Shop()
    key, _ = await upload(shop, b"\n")
    (error,) = (await shop.data(RUN, mutation=CREATE, path=key))["userErrors"]
    assert (error["code"], error["message"]) == ("INVALID_STAGED_UPLOAD_FILE", "The input file is empty.")


async def test_five_of_a_type_run_at_once_and_the_file_is_looked_for_first() -> None:
    """§2.1, §9.7."""
    shop = Shop()
    key, _ = await upload(shop, jsonl({"input": {"email": "a@example.com"}}))
    started = [(await shop.data(RUN, mutation=CREATE, path=key))["bulkOperation"]["id"] for _ in range(5)]
    (error,) = (await shop.data(RUN, mutation=CREATE, path=key))["userErrors"]
    ids = ", ".join(started)
    message = f"A bulk mutation operation for this app and shop is already in progress: {ids}."
    assert error == {"code": "OPERATION_IN_PROGRESS", "field": None, "message": message}
    (error,) = (await shop.data(RUN, mutation=CREATE, path="tmp/none"))["userErrors"]
    assert error["code"] == "NO_SUCH_FILE"
    assert (await shop.data(RUN_QUERY, query=EXPORT))["userErrors"] == []


async def test_operations_are_listed_with_their_text_and_unknown_filters_ignored() -> None:
    """§2.2: a client recognises its own operation by the name in the text."""
    shop = Shop()
    key, _ = await upload(shop, jsonl({"input": {"email": "a@example.com"}}))
    first = (await shop.data(RUN, mutation=CREATE, path=key))["bulkOperation"]
    await finished(shop, first)
    await shop.data(RUN_QUERY, query=EXPORT)
    listing = "query($q: String) { bulkOperations(first: 9, query: $q, reverse: true) { nodes { type query } } }"
    nodes = (await shop.data(listing))["nodes"]
    assert [(node["type"], "crossdock_run_1" in node["query"]) for node in nodes] == [
        ("QUERY", False),
        ("MUTATION", True),
    ]
    assert [node["type"] for node in (await shop.data(listing, q="operation_type:mutation"))["nodes"]] == ["MUTATION"]
    assert [node["type"] for node in (await shop.data(listing, q="status:COMPLETED"))["nodes"]] == ["MUTATION"]
    body = await shop.reply(listing, q="type:mutation")
    assert len(body["data"]["bulkOperations"]["nodes"]) == 2
    assert body["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"


async def test_cancelling_passes_through_canceling_and_keeps_what_was_done() -> None:
    """§2.2."""
    shop = Shop()
    (error,) = (await shop.data(CANCEL, id="gid://shopify/BulkOperation/1"))["userErrors"]
    assert error == {"field": ["id"], "message": "Bulk operation does not exist"}
    operation = (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"]
    payload = await shop.data(CANCEL, id=operation["id"])
    assert payload == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    assert (await finished(shop, operation))["status"] == "CANCELED"
    done = (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"]
    await finished(shop, done)
    (error,) = (await shop.data(CANCEL, id=done["id"]))["userErrors"]
    assert error == {"field": None, "message": "A bulk operation cannot be canceled when it is completed"}


async def test_a_failed_operation_leaves_the_lines_it_did() -> None:
    """§2.2, §9.7: FAILED with partialDataUrl."""
    shop = Shop()
    shop.store.behaviour.bulk_fails_after = 2
    key, _ = await upload(shop, jsonl(*({"input": {"email": f"r{number}@example.com"}} for number in range(6))))
    polled = await finished(shop, (await shop.data(RUN, mutation=CREATE, path=key))["bulkOperation"])
    assert (polled["status"], polled["errorCode"], polled["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    assert len(await lines(shop, polled["partialDataUrl"])) == len(shop.store.customers) == 2


async def test_a_field_without_scope_fails_the_operation_and_an_app_may_lack_bulk() -> None:
    """§0.1, §2.2."""
    shop = Shop(scopes=["read_orders"])
    polled = await finished(shop, (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"])
    assert (polled["status"], polled["errorCode"]) == ("FAILED", "ACCESS_DENIED")
    shop.store.behaviour.is_bulk_enabled = False
    assert (await shop.reply(RUN_QUERY, query=EXPORT))["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
