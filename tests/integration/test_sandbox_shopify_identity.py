"""Identities in the Shopify sandbox: unique metafields, look-ups past the index, customerSet, metafieldsSet.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from typing import Any

import pytest

from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from tests.integration.test_sandbox_shopify import Shop

CREATE = """mutation($input: CustomerInput!) { customerCreate(input: $input) {
  customer { id metafields(first: 5) { nodes { namespace key type value } } }
  userErrors { field message } } }"""
SET = """mutation($identifier: CustomerSetIdentifiers, $input: CustomerSetInput!) {
  customerSet(identifier: $identifier, input: $input) {
    customer { id email firstName tags metafield(namespace: "woo", key: "source_id") { value type } }
    userErrors { code field message } } }"""
DEFINE = """mutation($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) {
  createdDefinition { id type { name } capabilities { uniqueValues { enabled } } }
  userErrors { code field message } } }"""
BY_ID = "query($i: CustomerIdentifierInput!) { customerByIdentifier(identifier: $i) { id } }"
SOURCE_ID = {"namespace": "woo", "key": "source_id", "name": "Source", "ownerType": "CUSTOMER", "type": "id"}


async def refused(shop: Shop, **given: Wire) -> list[tuple[list[str] | None, str]]:
    payload = await shop.data(CREATE, input=given)
    assert payload["customer"] is None
    return [(error["field"], error["message"]) for error in payload["userErrors"]]


async def created(shop: Shop, **given: Wire) -> dict[str, Any]:
    payload = await shop.data(CREATE, input=given)
    assert payload["userErrors"] == []
    return payload["customer"]


async def test_custom_ids_need_a_definition_of_type_id_which_makes_values_unique() -> None:
    """§3.6, §4.5."""
    shop = Shop()
    look = {"customId": {"namespace": "woo", "key": "source_id", "value": "7"}}
    body = await shop.reply(BY_ID, i=look)
    assert body["errors"][0]["message"] == "Metafield definition of type 'id' is required when using custom ids."
    assert (body["errors"][0]["extensions"]["code"], body["data"]) == ("NOT_FOUND", {"customerByIdentifier": None})
    definition = (await shop.data(DEFINE, definition=SOURCE_ID))["createdDefinition"]
    assert definition["capabilities"]["uniqueValues"]["enabled"] is True
    assert (await shop.data(DEFINE, definition=SOURCE_ID))["userErrors"][0]["code"] == "TAKEN"
    marker = {"namespace": "woo", "key": "source_id", "type": "id", "value": "7"}
    customer = await created(shop, email="a@example.com", metafields=[marker])
    assert customer["metafields"]["nodes"] == [marker]
    assert await shop.data(BY_ID, i=look) == {"id": customer["id"]}
    ((field, _),) = await refused(shop, email="b@example.com", metafields=[marker])
    assert field == ["metafields", "0", "value"]
    assert shop.store.state()["duplicateMarkers"] == []


async def test_disabling_unique_values_of_type_id_is_refused() -> None:
    """§3.6."""
    definition = {**SOURCE_ID, "capabilities": {"uniqueValues": {"enabled": False}}}
    (error,) = (await Shop().data(DEFINE, definition=definition))["userErrors"]
    assert error["code"] == "CAPABILITY_REQUIRED_BUT_DISABLED"


async def test_identifiers_answer_at_once_by_email_phone_and_id() -> None:
    """§3.6."""
    shop = Shop()
    shop.store.behaviour.index_lag_seconds = 60
    customer = await created(shop, email="Ada@example.com", phone="+14155551001")
    for identifier in (
        {"emailAddress": "ada@EXAMPLE.com"},
        {"phoneNumber": "(415) 555-1001"},
        {"id": customer["id"]},
    ):
        assert await shop.data(BY_ID, i=identifier) == {"id": customer["id"]}
    assert await shop.data(BY_ID, i={"emailAddress": "nobody@example.com"}) is None


async def test_set_by_custom_id_creates_then_changes() -> None:
    """§3.6."""
    shop = Shop()
    custom = {"customId": {"namespace": "woo", "key": "source_id", "value": "9"}}
    body = await shop.reply(SET, identifier=custom, input={"email": "a@example.com"})
    assert (body["errors"][0]["extensions"]["code"], body["data"]) == ("NOT_FOUND", {"customerSet": None})
    await shop.data(DEFINE, definition=SOURCE_ID)
    first = await shop.data(SET, identifier=custom, input={"email": "a@example.com", "tags": ["x", "y"]})
    assert first["customer"]["metafield"] == {"value": "9", "type": "id"}
    again = await shop.data(SET, identifier=custom, input={"firstName": "Ada", "tags": ["z"]})
    expected = {**first["customer"], "firstName": "Ada", "tags": ["z"]}
    assert (again["customer"], len(shop.store.customers)) == (expected, 1)
    other = {"customId": {"namespace": "woo", "key": "source_id", "value": "10"}}
    (taken,) = (await shop.data(SET, identifier=other, input={"email": "A@example.com"}))["userErrors"]
    assert taken == {"code": "TAKEN", "field": ["input", "email"], "message": "Email has already been taken"}


@pytest.mark.parametrize(
    ("identifier", "given", "code", "field"),
    [
        ({"email": "a@example.com"}, {"firstName": "A"}, "MISSING_FIELD_REQUIRED", ["input"]),
        ({"email": "a@example.com"}, {"email": "b@example.com"}, "INPUT_MISMATCH", ["input"]),
        ({"id": "gid://shopify/Customer/5"}, {"firstName": "A"}, "NOT_FOUND", ["input"]),
        ({"email": "a@example.com"}, {"email": "a@example.com", "phone": "+12ab"}, "INVALID", ["input", "phone"]),
        (None, {"firstName": "A", "taxExempt": None}, "INVALID", ["input", "taxExempt"]),
    ],
)
async def test_set_refuses_with_codes(
    identifier: dict[str, Any] | None, given: dict[str, Any], code: str, field: list[str]
) -> None:
    """§3.1, §3.6."""
    payload = await Shop().data(SET, identifier=identifier, input=given)
    assert payload["customer"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]


async def test_metafields_are_set_all_or_none() -> None:
    shop = Shop()
    await shop.data(DEFINE, definition=SOURCE_ID)
    ids = [(await created(shop, firstName=name))["id"] for name in ("Ada", "Bea")]
    query = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
      metafields { key value } userErrors { code field } } }"""
    one = {"namespace": "woo", "key": "source_id", "value": "1"}
    payload = await shop.data(query, m=[{**one, "ownerId": owner} for owner in ids])
    assert payload["metafields"] is None
    assert payload["userErrors"] == [{"code": "TAKEN", "field": ["metafields", "1", "value"]}]
    payload = await shop.data(query, m=[{**one, "ownerId": ids[0]}, {**one, "value": "2", "ownerId": ids[1]}])
    assert payload["metafields"] == [{"key": "source_id", "value": "1"}, {"key": "source_id", "value": "2"}]


async def test_the_state_names_customers_that_exist_twice() -> None:
    """Without a definition nothing keeps a marker unique: the state must show it."""
    shop = Shop()
    marker = ("woo", "source_id", "id", "7")
    shop.store.seed([SeedCustomer(email=f"{name}@example.com", metafields=[marker]) for name in ("a", "b")])
    assert shop.store.state()["duplicateMarkers"] == ["woo.source_id=7"]
    with pytest.raises(ValueError, match="e-mail"):
        shop.store.seed([SeedCustomer(email="A@example.com")])
