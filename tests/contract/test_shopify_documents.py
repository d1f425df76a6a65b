"""Our GraphQL documents against the official 2026-10 schema, and their costs against what a store says they cost."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLSchema, build_client_schema, parse, validate
from graphql.language import FieldNode, Visitor, visit
from graphql.utilities import TypeInfo, TypeInfoVisitor

from crossdock.connectors.shopify import bulk, check, markers, shop
from crossdock.connectors.shopify.customers import creation, lookup, reader, wire, writer
from crossdock.connectors.shopify.customers.bulk_creation import creation_document
from crossdock.connectors.shopify.customers.regions import COUNTRIES
from crossdock.connectors.shopify.documents import Document
from crossdock.sandbox.shopify.app import create_app
from crossdock.sandbox.shopify.store import ShopifyStore

OFFICIAL = Path(__file__).parents[2] / ".cache" / "shopify-schema" / "admin_2026-10.json.gz"

DOCUMENTS = [
    *(reader.PAGE, reader.BY_IDS, reader.BULK, reader.COUNT),
    *(lookup.BY_IDENTIFIER, lookup.by_identifiers_document(1), lookup.by_identifiers_document(lookup.MOST_AT_ONCE)),
    *(creation.CREATE_CUSTOMER, creation_document("crossdock_run_1"), writer.DELETE),
    *(shop.SHOP, check.PROBE, check.WEBHOOKS, markers.DEFINITION, markers.CREATE_DEFINITION),
    *(bulk.START_QUERY, bulk.START_MUTATION, bulk.OPERATION, bulk.MUTATIONS, bulk.CANCEL, bulk.STAGED_UPLOAD),
]
NAMES = [document.name for document in DOCUMENTS]

# Deprecated input fields that we send, and why.
DEPRECATED_INPUTS = {
    "CustomerInput.addresses": "One request makes a customer whole; an address mutation each would cost more.",
}


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    if not OFFICIAL.exists():
        pytest.fail(f"{OFFICIAL.name} is missing: `make setup` fetches the official schema.")
    with gzip.open(OFFICIAL) as file:
        # The official schema breaks a rule of the library on deprecated interface fields, hence assume_valid.
        return build_client_schema(json.load(file)["data"], assume_valid=True)


def test_every_file_is_a_document_of_ours() -> None:
    folder = Path(bulk.__file__).parent
    files = {path.name for path in folder.rglob("*.graphql")} - {"fields.graphql"}
    made_from_files = {name for name in NAMES if not name.startswith(("CrossdockCustomersByIdentifier", "crossdock_"))}
    assert len(files) == len(made_from_files)


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_a_document_is_valid_on_the_platform(document: Document, official: GraphQLSchema) -> None:
    assert [error.message for error in validate(official, parse(document.text))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_no_document_asks_for_what_is_deprecated(document: Document, official: GraphQLSchema) -> None:
    types = TypeInfo(official)
    found: list[str] = []

    class Deprecated(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            field = types.get_field_def()
            if field is not None and field.deprecation_reason is not None:
                found.append(node.name.value)

    visit(parse(document.text), TypeInfoVisitor(types, Deprecated()))
    assert found == []


def test_the_input_that_we_send_is_the_platforms(official: GraphQLSchema) -> None:
    pairs = {
        "CustomerInput": wire.CustomerInput,
        "MailingAddressInput": wire.AddressInput,
        "CustomerEmailMarketingConsentInput": wire.ConsentInput,
        "MetafieldInput": wire.MetafieldInput,
    }
    deprecated: set[str] = set()
    for name, struct in pairs.items():
        official_type = official.type_map[name]
        assert isinstance(official_type, GraphQLInputObjectType)
        fields = official_type.fields
        ours = set(struct.__struct_encode_fields__)
        assert ours - set(fields) == set()
        deprecated |= {f"{name}.{key}" for key in ours if fields[key].deprecation_reason is not None}
    assert deprecated == set(DEPRECATED_INPUTS)


def test_the_countries_that_we_send_are_the_platforms(official: GraphQLSchema) -> None:
    codes = official.type_map["CountryCode"]
    assert isinstance(codes, GraphQLEnumType)
    assert set(codes.values) - {"ZZ"} == COUNTRIES


VARIABLES: dict[str, dict[str, object]] = {
    "CrossdockCustomersPage": {"after": None},
    "CrossdockCustomersByIds": {"ids": ["gid://shopify/Customer/1"]},
    "CrossdockCustomerByIdentifier": {"identifier": {"emailAddress": "nobody@example.com"}},
    "CrossdockCustomerCreate": {"input": {"email": "ada@example.com"}},
    "CrossdockCustomerDelete": {"id": "gid://shopify/Customer/1"},
    "CrossdockWebhooks": {"topics": ["CUSTOMERS_CREATE"]},
    "CrossdockMarkerDefinition": {"ownerType": "CUSTOMER", "namespace": "crossdock", "key": "source_id"},
    "CrossdockMarkerDefinitionCreate": {
        "definition": {
            "name": "id",
            "namespace": "crossdock",
            "key": "source_id",
            "type": "id",
            "ownerType": "CUSTOMER",
        }
    },
    "CrossdockBulkQueryStart": {"query": "{ customers { edges { node { id } } } }"},
    "CrossdockBulkMutationStart": {"mutation": creation_document("crossdock_run_1").text, "path": "tmp/none.jsonl"},
    "CrossdockBulkOperation": {"id": "gid://shopify/BulkOperation/1"},
    "CrossdockBulkCancel": {"id": "gid://shopify/BulkOperation/1"},
    "CrossdockStagedUpload": {
        "input": [{"resource": "BULK_MUTATION_VARIABLES", "filename": "a.jsonl", "mimeType": "text/jsonl"}]
    },
}
SENT_ALONE = [
    document
    for document in DOCUMENTS
    if document.name != reader.BULK.name and not document.name.startswith("crossdock_")
]


@pytest.mark.parametrize("document", SENT_ALONE, ids=[document.name for document in SENT_ALONE])
async def test_a_documents_first_guess_of_its_cost_is_what_the_store_asks(document: Document) -> None:
    sandbox = ShopifyStore("harbour-books.myshopify.com", clock=lambda: datetime.now(UTC))
    identifier = {"customId": {"namespace": "crossdock", "key": "source_id", "value": "none"}}
    variables = VARIABLES.get(document.name, {})
    if document.name.startswith("CrossdockCustomersByIdentifier"):
        variables = {f"i{number}": identifier for number in range(document.points // 2)}
    headers = {"X-Shopify-Access-Token": sandbox.issue_token()}
    transport = httpx2.ASGITransport(create_app(sandbox))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com", headers=headers) as client:
        if document.name.startswith("CrossdockCustomersByIdentifier"):
            definition = VARIABLES["CrossdockMarkerDefinitionCreate"]
            content = {"query": markers.CREATE_DEFINITION.text, "variables": definition}
            await client.post("/admin/api/2026-10/graphql.json", json=content)
        reply = await client.post(
            "/admin/api/2026-10/graphql.json", json={"query": document.text, "variables": variables}
        )
    assert reply.json()["extensions"]["cost"]["requestedQueryCost"] == document.points


def test_the_costs_that_the_pace_of_a_migration_rests_on() -> None:
    assert reader.PAGE.points <= 46
    assert creation.CREATE_CUSTOMER.points == 10
    assert lookup.by_identifiers_document(lookup.MOST_AT_ONCE).points <= 1000
