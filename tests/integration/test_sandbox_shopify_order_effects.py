"""What an order does to customers, stock and mail in the Shopify sandbox, and how it is identified.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from typing import Any

from crossdock.sandbox.shopify.order_seeds import SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from tests.integration.test_sandbox_shopify import Shop
from tests.integration.test_sandbox_shopify_orders import create, line, refused

PERSON = """query($id: ID!) { customer(id: $id) { id email firstName lastName numberOfOrders canDelete
  amountSpent { amount } defaultAddress { id city firstName } addressesV2(first: 9) { nodes { id city } } } }"""
BY_ID = """query($key: String!, $value: String!) {
  orderByIdentifier(identifier: {customId: {namespace: "$app:woo", key: $key, value: $value}}) { id name } }"""
DEFINE = """mutation($owner: MetafieldOwnerType!) { metafieldDefinitionCreate(definition: {name: "Source",
  namespace: "$app:woo", key: "source_id", type: "id", ownerType: $owner}) {
  createdDefinition { id ownerType } userErrors { code message } } }"""
SET = """mutation($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) {
  metafields { ownerType value } userErrors { code field message } } }"""
DEFAULT = """mutation($id: ID!, $address: ID!) { customerUpdateDefaultAddress(customerId: $id, addressId: $address) {
  customer { defaultAddress { id } } userErrors { message } } }"""
CORK = {"firstName": "Ada", "lastName": "Byrne", "address1": "1 Quay St", "city": "Cork", "countryCode": "IE"}
OSLO = {"firstName": "Ida", "lastName": "Berg", "address1": "2 Kaia", "city": "Oslo", "countryCode": "NO"}


def person(shop: Shop, email: str) -> str:
    customer = shop.store.customers.by_email(email)
    assert customer is not None
    return customer.id


def marker(value: str) -> dict[str, str]:
    return {"namespace": "$app:woo", "key": "source_id", "type": "id", "value": value}


async def test_an_email_alone_finds_or_creates_the_customer_and_no_email_makes_none() -> None:
    """§4.1: that is how guests become customers (§8 no. 2)."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com")])
    assert (await create(shop, email="ADA@example.com"))["customer"]["email"] == "ada@example.com"
    assert shop.store.state()["customers"] == 1
    guest = await create(shop, email="guest@example.com")
    assert guest["customer"]["email"] == "guest@example.com"
    assert (await create(shop))["customer"] is None
    assert shop.store.state()["customers"] == 2


async def test_the_orders_address_becomes_the_customers_default_and_fills_the_name() -> None:
    """§4.1 customer: the shipping address takes precedence; a known address is not added again."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com", addresses=[{"city": "Bergen", "country_code_v2": "NO"}])])
    gid = person(shop, "ada@example.com")
    before = (await shop.data(PERSON, id=gid))["defaultAddress"]["id"]
    given = {"customer": {"toAssociate": {"id": gid}}, "billingAddress": CORK, "shippingAddress": OSLO}
    order = await create(shop, **given)
    assert (order["billingAddress"]["city"], order["shippingAddress"]["city"]) == ("Cork", "Oslo")
    after = await shop.data(PERSON, id=gid)
    assert (after["firstName"], after["lastName"], after["defaultAddress"]["city"]) == ("Ida", "Berg", "Oslo")
    assert [one["city"] for one in after["addressesV2"]["nodes"]] == ["Bergen", "Oslo"]
    assert shop.store.state()["defaultAddressChanges"] == 1
    await create(shop, **given)
    assert len((await shop.data(PERSON, id=gid))["addressesV2"]["nodes"]) == 2
    await shop.data(DEFAULT, id=gid, address=before)
    assert shop.store.state()["defaultAddressChanges"] == 0


async def test_a_billing_address_alone_is_the_default_too_and_a_name_stays() -> None:
    """§4.1 billingAddress."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com", first_name="Ada")])
    gid = person(shop, "ada@example.com")
    await create(shop, customer={"toAssociate": {"id": gid}}, billingAddress=OSLO)
    after = await shop.data(PERSON, id=gid)
    assert (after["firstName"], after["lastName"], after["defaultAddress"]["firstName"]) == ("Ada", None, "Ida")


async def test_an_upsert_changes_the_customer_and_fails_on_anothers_phone() -> None:
    """§4.1 toUpsert, §4.3."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com"), SeedCustomer(email="b@example.com", phone="+16134505293")])
    order = await create(shop, customer={"toUpsert": {"email": "ada@example.com", "firstName": "Ada"}})
    assert (await shop.data(PERSON, id=order["customer"]["id"]))["firstName"] == "Ada"
    ((code, field, text),) = await refused(
        shop, customer={"toUpsert": {"email": "ada@example.com", "phone": "+16134505293"}}
    )
    assert (code, text) == ("INVALID", "Phone has already been taken")
    assert field == ["order", "customer", "toUpsert", "phone"]
    assert shop.store.state()["orders"] == 1


async def test_a_customer_with_orders_cannot_be_deleted_until_they_are_gone() -> None:
    """§3.7, §6: counts and sums follow the orders."""
    shop = Shop()
    order = await create(shop, email="ada@example.com", transactions=[{"amountSet": _usd("10.00")}])
    gid = order["customer"]["id"]
    known = await shop.data(PERSON, id=gid)
    assert (known["numberOfOrders"], known["canDelete"], known["amountSpent"]["amount"]) == ("1", False, "10.0")
    delete = "mutation($id: ID!) { customerDelete(input: {id: $id}) { deletedCustomerId userErrors { message } } }"
    (error,) = (await shop.data(delete, id=gid))["userErrors"]
    assert error["message"] == "Customer can\u2019t be deleted because they have associated orders"
    drop = "mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }"
    assert (await shop.data(drop, id=order["id"]))["deletedId"] == order["id"]
    assert (await shop.data(delete, id=gid))["deletedCustomerId"] == gid


async def test_stock_moves_only_where_it_was_asked_for() -> None:
    """§4.1 inventoryBehaviour: BYPASS by default."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A", inventory_quantity=3, price="5")])
    variant = next(iter(shop.store.catalogue.variants)).id
    lines = [{"variantId": variant, "quantity": 2}]
    await create(shop, lineItems=lines)
    assert shop.store.state()["stockChanges"] == 0
    await create(shop, lineItems=lines, options={"inventoryBehaviour": "DECREMENT_OBEYING_POLICY"})
    assert (shop.store.state()["stockChanges"], shop.store.state()["stock"]) == (1, {variant: 1})
    payload = await _attempt(shop, {"lineItems": lines}, {"inventoryBehaviour": "DECREMENT_OBEYING_POLICY"})
    assert payload["userErrors"][0]["code"] == "INVENTORY_CLAIM_FAILED"
    await create(shop, lineItems=lines, options={"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"})
    assert shop.store.state()["stock"] == {variant: -1}


async def test_nobody_is_mailed_unless_asked_for() -> None:
    """§4.1 sendReceipt, sendFulfillmentReceipt, notifyCustomer."""
    shop = Shop()
    location = shop.store.catalogue.locations[0]["id"]
    given: dict[str, Any] = {"email": "ada@example.com", "fulfillment": {"locationId": location}}
    await create(shop, **given)
    assert shop.store.state()["mails"] == 0
    await create(shop, **given, options={"sendReceipt": True})
    assert shop.store.state()["mails"] == 1
    await create(shop, **given, options={"sendReceipt": True, "sendFulfillmentReceipt": True})
    assert shop.store.state()["mails"] == 3
    given["fulfillment"]["notifyCustomer"] = True
    await create(shop, **given)
    assert shop.store.state()["mails"] == 4


async def test_an_id_metafield_finds_an_order_at_once_and_refuses_a_second_one() -> None:
    """§4.5: orderByIdentifier reads past the index, the value is unique among orders alone."""
    shop = Shop()
    shop.store.behaviour.index_lag_seconds = 60
    body = await shop.reply(BY_ID, key="source_id", value="shop-a:1")
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for owner in ("ORDER", "CUSTOMER"):
        assert (await shop.data(DEFINE, owner=owner))["userErrors"] == []
    order = await create(shop, email="ada@example.com", metafields=[marker("shop-a:1")])
    found = await shop.data(BY_ID, key="source_id", value="shop-a:1")
    assert found == {"id": order["id"], "name": order["name"]}
    errors = await refused(shop, metafields=[marker("shop-a:1")])
    assert errors == [("INVALID", ["order", "metafields", "0", "value"], "Value has already been taken")]
    assert shop.store.state()["orders"] == 1
    own = [{**marker("shop-a:1"), "ownerId": order["customer"]["id"]}]
    assert (await shop.data(SET, metafields=own))["metafields"] == [{"ownerType": "CUSTOMER", "value": "shop-a:1"}]
    assert await shop.data(BY_ID, key="source_id", value="shop-a:2") is None


async def test_metafields_of_orders_are_set_later_and_stay_unique() -> None:
    """§4.5: metafieldsSet for orders."""
    shop = Shop()
    await shop.data(DEFINE, owner="ORDER")
    first, second = await create(shop), await create(shop)
    ok = await shop.data(SET, metafields=[{**marker("1"), "ownerId": first["id"]}])
    assert ok["metafields"] == [{"ownerType": "ORDER", "value": "1"}]
    taken = await shop.data(SET, metafields=[{**marker("1"), "ownerId": second["id"]}])
    assert [error["code"] for error in taken["userErrors"]] == ["TAKEN"]
    read = """query($id: ID!) { order(id: $id) { metafield(namespace: "$app:woo", key: "source_id") { value }
      metafields(first: 5, namespace: "$app:woo") { nodes { key } } } }"""
    assert await shop.data(read, id=first["id"]) == {
        "metafield": {"value": "1"},
        "metafields": {"nodes": [{"key": "source_id"}]},
    }


async def test_tags_of_orders_are_added_and_removed_in_any_case() -> None:
    """§4.1 tags: sorted, 40 characters."""
    shop = Shop()
    order = await create(shop, tags=["Crossdock"])
    mutation = """mutation($id: ID!, $tags: [String!]!) { %s(id: $id, tags: $tags) {
      node { ... on Order { tags } } userErrors { field message } } }"""
    added = await shop.data(mutation % "tagsAdd", id=order["id"], tags=["b,a", "CROSSDOCK"])
    assert added["node"]["tags"] == ["a", "b", "Crossdock"]
    removed = await shop.data(mutation % "tagsRemove", id=order["id"], tags=["B", "crossdock"])
    assert removed["node"]["tags"] == ["a"]
    refusal = await shop.data(mutation % "tagsAdd", id=order["id"], tags=["x" * 41])
    assert refusal["userErrors"][0]["message"] == "Title Tag exceeds the maximum length of 40 characters"


async def test_order_addresses_are_checked_only_where_the_store_is_told_to() -> None:
    """§4.3: whether orderCreate checks them is not known, so both can be tried."""
    shop = Shop()
    odd = {**CORK, "city": "<b>Cork</b>", "provinceCode": "ZZ"}
    order = await create(shop, shippingAddress=odd)
    assert (order["shippingAddress"]["city"], order["shippingAddress"]["countryCodeV2"]) == ("<b>Cork</b>", "IE")
    shop.store.behaviour.checks_order_addresses = True
    ((_, field, text),) = await refused(shop, shippingAddress=odd)
    assert (field, text) == (["order", "shippingAddress", "city"], "City cannot contain HTML tags")


def _usd(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "USD"}}


async def _attempt(shop: Shop, order: Wire, options: Wire) -> dict[str, Any]:
    mutation = """mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
      orderCreate(order: $order, options: $options) { order { id } userErrors { code } } }"""
    order.setdefault("lineItems", [line()])
    return await shop.data(mutation, order=order, options=options)
