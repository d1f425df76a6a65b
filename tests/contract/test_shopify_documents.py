"""Our GraphQL documents against the official 2026-10 schema, and their costs against what a store says they cost."""

import gzip
import importlib
import inspect
import json
import pkgutil
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    parse,
    print_ast,
    validate,
)
from graphql.language import FieldNode, Visitor, visit
from graphql.utilities import TypeInfo, TypeInfoVisitor

from crossdock.connectors import shopify
from crossdock.connectors.shopify import markers
from crossdock.connectors.shopify.customers import creation, lookup, reader, wire
from crossdock.connectors.shopify.customers.bulk_creation import creation_document
from crossdock.connectors.shopify.customers.regions import COUNTRIES
from crossdock.connectors.shopify.documents import Document
from crossdock.connectors.shopify.orders import creation as order_creation
from crossdock.connectors.shopify.orders import lookup as order_lookup
from crossdock.connectors.shopify.orders import reader as order_reader
from crossdock.connectors.shopify.orders import wire_out
from crossdock.sandbox.shopify.app import create_app
from crossdock.sandbox.shopify.store import ShopifyStore

OFFICIAL = Path(__file__).parents[2] / ".cache" / "shopify-schema" / "admin_2026-10.json.gz"
PACKAGE = Path(shopify.__file__).parent


def loaded() -> dict[str, Document]:
    """Give every document that a module of the connector has read from its file, by its name."""
    names = [found.name for found in pkgutil.walk_packages(shopify.__path__, f"{shopify.__name__}.")]
    values = [value for name in names for value in vars(importlib.import_module(name)).values()]
    return {value.name: value for value in values if isinstance(value, Document)}


FROM_FILES = loaded()
MADE = [
    *(lookup.by_markers_document(1), lookup.by_markers_document(lookup.MOST_AT_ONCE)),
    *(lookup.by_emails_document(1), lookup.by_emails_document(lookup.MOST_AT_ONCE)),
    *(order_lookup.orders_document(1), order_lookup.orders_document(order_lookup.MOST_AT_ONCE)),
    creation_document("crossdock_run_1"),
]
DOCUMENTS = [*FROM_FILES.values(), *MADE]
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


def test_every_file_is_a_document_or_fragments_of_ours() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.graphql")]
    written = {found[1] for text in texts if (found := re.search(r"\b(?:query|mutation) (\w+)", text))}
    assert written == set(FROM_FILES)
    assert all(text.startswith(("# Points: ", "fragment ")) for text in texts)


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


def sent_structs() -> list[tuple[str, type[msgspec.Struct]]]:
    """Give our input structs with the platform's types that they stand for, as their docstrings name them."""
    pairs: list[tuple[str, type[msgspec.Struct]]] = [
        ("CustomerInput", wire.CustomerInput),
        ("MailingAddressInput", wire.AddressInput),
        ("CustomerEmailMarketingConsentInput", wire.ConsentInput),
        ("MetafieldInput", wire.MetafieldInput),
    ]
    for struct in vars(wire_out).values():
        if inspect.isclass(struct) and issubclass(struct, msgspec.Struct) and struct.__module__ == wire_out.__name__:
            named = re.findall(r"`(\w+Input)`", struct.__doc__ or "")
            pairs += [(name, struct) for name in named]
    return pairs


def test_the_input_that_we_send_is_the_platforms(official: GraphQLSchema) -> None:
    deprecated: set[str] = set()
    pairs = sent_structs()
    assert {"OrderCreateOrderInput", "DraftOrderInput"} <= {name for name, _ in pairs}
    for name, struct in pairs:
        official_type = official.type_map[name]
        assert isinstance(official_type, GraphQLInputObjectType)
        fields = official_type.fields
        ours = set(struct.__struct_encode_fields__)
        assert ours - set(fields) == set(), name
        deprecated |= {f"{name}.{key}" for key in ours if fields[key].deprecation_reason is not None}
    assert deprecated == set(DEPRECATED_INPUTS)


def test_the_countries_that_we_send_are_the_platforms(official: GraphQLSchema) -> None:
    codes = official.type_map["CountryCode"]
    assert isinstance(codes, GraphQLEnumType)
    assert set(codes.values) - {"ZZ"} == COUNTRIES


MONEY = {"amount": "1.00", "currencyCode": "USD"}
IDENTIFIER = {"customId": {"namespace": "crossdock", "key": "source_id", "value": "none"}}
DEFINITION = {"name": "id", "namespace": "crossdock", "key": "source_id", "type": "id", "ownerType": "CUSTOMER"}
VARIABLES: dict[str, dict[str, object]] = {
    "CrossdockCustomerByIdentifier": {"identifier": {"emailAddress": "nobody@example.com"}},
    "CrossdockCustomerCreate": {"input": {"email": "ada@example.com"}},
    "CrossdockWebhooks": {"topics": ["CUSTOMERS_CREATE"]},
    "CrossdockMarkerDefinition": {"ownerType": "CUSTOMER", "namespace": "crossdock", "key": "source_id"},
    "CrossdockMarkerDefinitionCreate": {"definition": DEFINITION},
    "CrossdockBulkQueryStart": {"query": "{ customers { edges { node { id } } } }"},
    "CrossdockBulkMutationStart": {"mutation": creation_document("crossdock_run_1").text, "path": "tmp/none.jsonl"},
    "CrossdockBulkOperation": {"id": "gid://shopify/BulkOperation/1"},
    "CrossdockBulkCancel": {"id": "gid://shopify/BulkOperation/1"},
    "CrossdockStagedUpload": {
        "input": [{"resource": "BULK_MUTATION_VARIABLES", "filename": "a.jsonl", "mimeType": "text/jsonl"}]
    },
    "CrossdockOrdersChanged": {"query": "updated_at:>='2026-01-01T00:00:00Z'"},
    "CrossdockOrderNames": {"query": "name:'#1'"},
    "CrossdockOrderCreate": {
        "order": {"lineItems": [{"title": "Mug", "quantity": 1, "priceSet": {"shopMoney": MONEY}}]}
    },
    "CrossdockDraftCreate": {
        "input": {"lineItems": [{"title": "Mug", "quantity": 1, "originalUnitPriceWithCurrency": MONEY}]}
    },
    "CrossdockRefundCreate": {
        "input": {"orderId": "gid://shopify/Order/1"},
        "key": "0b5d1c3a-5a0f-4d8e-9a53-3f6a1f9f0a11",
    },
    "CrossdockOrderCancel": {
        "orderId": "gid://shopify/Order/1",
        "reason": "OTHER",
        "restock": False,
        "notifyCustomer": False,
        "refundMethod": {"originalPaymentMethodsRefund": False},
    },
}
NAMES_OF_OWNERS = {"Customer": "Customer", "Draft": "DraftOrder", "Order": "Order"}
SENT_ALONE = [
    document
    for document in DOCUMENTS
    if not document.name.endswith("Bulk") and not document.name.startswith("crossdock_")
]


def variables_of(document: Document) -> dict[str, object]:
    """Give variables that the platform takes: those listed, and else an id or nothing of the type that is declared."""
    owner = next((gid for word, gid in NAMES_OF_OWNERS.items() if word in document.name), "Customer")
    gid = f"gid://shopify/{owner}/1"
    values = {"ID!": gid, "[ID!]!": [gid], "Boolean!": False, "CustomerIdentifierInput!": IDENTIFIER}
    values["OrderIdentifierInput!"] = IDENTIFIER
    (operation,) = (one for one in parse(document.text).definitions if isinstance(one, OperationDefinitionNode))
    declared = {one.variable.name.value: print_ast(one.type) for one in operation.variable_definitions or ()}
    assumed = {name: values[kind] for name, kind in declared.items() if kind in values}
    return {**assumed, **VARIABLES.get(document.name, {})}


@pytest.mark.parametrize("document", SENT_ALONE, ids=[document.name for document in SENT_ALONE])
async def test_a_documents_first_guess_of_its_cost_is_what_the_store_asks(document: Document) -> None:
    sandbox = ShopifyStore("harbour-books.myshopify.com", clock=lambda: datetime.now(UTC))
    headers = {"X-Shopify-Access-Token": sandbox.issue_token()}
    transport = httpx2.ASGITransport(create_app(sandbox))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com", headers=headers) as client:
        if "ByIdentifier" in document.name:
            for owner in ("CUSTOMER", "ORDER"):
                definition = {"definition": {**DEFINITION, "ownerType": owner}}
                content = {"query": markers.CREATE_DEFINITION.text, "variables": definition}
                await client.post("/admin/api/2026-10/graphql.json", json=content)
        content = {"query": document.text, "variables": variables_of(document)}
        reply = await client.post("/admin/api/2026-10/graphql.json", json=content)
    assert reply.json()["extensions"]["cost"]["requestedQueryCost"] == document.points


def test_the_costs_that_the_pace_of_a_migration_rests_on() -> None:
    assert reader.PAGE.points <= 46
    assert creation.CREATE_CUSTOMER.points == 10
    assert lookup.by_markers_document(lookup.MOST_AT_ONCE).points <= 1000
    assert lookup.by_emails_document(lookup.MOST_AT_ONCE).points <= 100
    assert order_reader.PAGE.points <= 46
    assert order_creation.CREATE_ORDER.points <= 13
    assert order_lookup.orders_document(order_lookup.MOST_AT_ONCE).points <= 1000
    assert max(document.points for document in DOCUMENTS) <= 1000
