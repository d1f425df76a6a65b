"""Customers in the Shopify sandbox: recorded messages, uniqueness, normalisation, consent, custom ids, deleting.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from typing import Any

import pytest

from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from tests.integration.test_sandbox_shopify import Shop

CREATE = """mutation($input: CustomerInput!) { customerCreate(input: $input) {
  customer { id email phone firstName lastName displayName note locale state verifiedEmail tags createdAt updatedAt
    numberOfOrders canDelete amountSpent { amount currencyCode }
    defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
    defaultPhoneNumber { phoneNumber smsMarketingConsent { state optInLevel updatedAt collectedFrom } }
    defaultAddress { id firstName lastName country countryCodeV2 province provinceCode formattedArea zip }
    addressesV2(first: 10) { nodes { id city } }
    metafields(first: 5) { nodes { namespace key type value } } }
  userErrors { field message } } }"""
UPDATE = """mutation($input: CustomerInput!) { customerUpdate(input: $input) {
  customer { id email firstName tags note updatedAt addressesV2(first: 9) { nodes { city } } }
  userErrors { field message } } }"""

ADDRESS = """mutation($id: ID!, $address: MailingAddressInput!, $default: Boolean) {
  customerAddressCreate(customerId: $id, address: $address, setAsDefault: $default) {
    address { id city name } userErrors { field message } } }"""
DELETE = (
    """mutation($id: ID!) { customerDelete(input: {id: $id}) { deletedCustomerId userErrors { field message } } }"""
)


async def refused(shop: Shop, **given: Wire) -> list[tuple[list[str] | None, str]]:
    payload = await shop.data(CREATE, input=given)
    assert payload["customer"] is None
    return [(error["field"], error["message"]) for error in payload["userErrors"]]


async def created(shop: Shop, **given: Wire) -> dict[str, Any]:
    payload = await shop.data(CREATE, input=given)
    assert payload["userErrors"] == []
    return payload["customer"]


async def test_a_new_customer_has_the_platforms_defaults() -> None:
    """§3.3, §3.5."""
    customer = await created(Shop(), email="ada@example.com")
    assert customer["displayName"] == "ada@example.com"
    assert (customer["firstName"], customer["lastName"], customer["note"]) == (None, None, None)
    assert (customer["locale"], customer["state"], customer["verifiedEmail"]) == ("en", "DISABLED", True)
    assert (customer["numberOfOrders"], customer["canDelete"]) == ("0", True)
    assert customer["amountSpent"] == {"amount": "0.0", "currencyCode": "USD"}
    assert customer["createdAt"] == customer["updatedAt"] == "2026-10-20T09:30:15Z"
    assert customer["defaultEmailAddress"] == {
        "emailAddress": "ada@example.com",
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": None,
    }
    assert (customer["defaultPhoneNumber"], customer["defaultAddress"]) == (None, None)


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"email": "not-an-email"}, [(["email"], "Email is invalid")]),
        ({"email": f"{'a' * 250}@example.com"}, [(["email"], "Email is too long (maximum is 255 characters)")]),
        ({"phone": "abc"}, [(["phone"], "Phone is invalid")]),
        ({"phone": "+1234abcd"}, [(["phone"], "Phone is invalid")]),
        (
            {"phone": "+" + "1" * 260},
            [(["phone"], "Phone is too long (maximum is 255 characters)"), (["phone"], "Phone is invalid")],
        ),
        ({"firstName": "F" * 256}, [(["firstName"], "First name is too long (maximum is 255 characters)")]),
        ({"lastName": "L" * 256}, [(["lastName"], "Last name is too long (maximum is 255 characters)")]),
        ({"firstName": "A", "note": "N" * 5001}, [(["note"], "Note is too long (maximum is 5000 characters)")]),
        ({"firstName": "A", "tags": ["T" * 256]}, [(["tags"], "Tags is too long (maximum is 255 characters)")]),
        (
            {"firstName": "A", "tags": [",".join(f"t{number}" for number in range(251))]},
            [(["tags"], "Tags cannot be more than 250")],
        ),
        ({"firstName": "A", "locale": "not-a-locale"}, [(["locale"], "Locale is invalid")]),
        ({}, [(None, "A name, phone number, or email address must be present")]),
        ({"email": "", "firstName": "  "}, [(None, "A name, phone number, or email address must be present")]),
        ({"id": "gid://shopify/Customer/9", "email": "a@example.com"}, [(["id"], "Cannot specify ID on creation")]),
    ],
)
async def test_a_refused_customer_has_the_recorded_message(given: dict[str, Any], errors: list[Any]) -> None:
    """§3.2."""
    shop = Shop()
    assert await refused(shop, **given) == errors
    assert len(shop.store.customers) == 0


async def test_several_errors_come_together() -> None:
    """§3.2."""
    errors = await refused(Shop(), email="no", firstName="F" * 256, note="N" * 5001)
    assert [field for field, _ in errors] == [["email"], ["firstName"], ["note"]]


@pytest.mark.parametrize(
    ("address", "field", "message"),
    [
        ({"city": "X", "country": "Atlantis"}, ["country"], "Country is invalid"),
        ({"city": "X", "countryCode": "ZZ"}, ["country"], "Country is invalid"),
        ({"city": "X", "countryCode": "CA", "provinceCode": "TX"}, ["province"], "Province is invalid"),
        ({"address1": "x" * 256}, ["address1"], "Address1 is too long (maximum is 255 characters)"),
        ({"city": "<b>Town</b>"}, ["city"], "City cannot contain HTML tags"),
        ({"city": "https://town.example"}, ["city"], "City cannot contain URL"),
        ({"zip": "H0H www.town.example"}, ["zip"], "Zip cannot contain URL"),
        ({"address1": "1 Main \U0001f600"}, ["address1"], "Address1 cannot contain emojis"),
        ({"phone": "<a>+1 613"}, ["phone"], "Phone cannot contain HTML tags"),
        ({"address1": " ", "city": ""}, [], "Customer address cannot be blank."),
    ],
)
async def test_an_invalid_address_fails_the_whole_customer(
    address: dict[str, str], field: list[str], message: str
) -> None:
    """§3.2."""
    shop = Shop()
    errors = await refused(shop, email="ada@example.com", addresses=[address])
    assert errors == [(["addresses", "0", *field], message)]
    assert len(shop.store.customers) == 0


async def test_an_address_is_completed_and_the_first_is_the_default() -> None:
    """§3.3: the country's code beats its name, zones, names of the customer."""
    addresses = [
        {"city": "Toronto", "country": "France", "countryCode": "CA", "province": "ontario", "zip": "M4B 1B3"},
        {"city": "Singapore", "countryCode": "SG", "provinceCode": "01"},
    ]
    customer = await created(Shop(), firstName="Ada", lastName="Bell", addresses=addresses)
    default = customer["defaultAddress"]
    assert default.pop("id").endswith("?model_name=CustomerAddress")
    assert default == {
        "firstName": "Ada",
        "lastName": "Bell",
        "country": "Canada",
        "countryCodeV2": "CA",
        "province": "Ontario",
        "provinceCode": "ON",
        "formattedArea": "Toronto ON, Canada",
        "zip": "M4B 1B3",
    }
    assert [address["city"] for address in customer["addressesV2"]["nodes"]] == ["Toronto", "Singapore"]


async def test_a_country_without_zones_drops_the_province() -> None:
    """§3.3."""
    customer = await created(Shop(), firstName="A", addresses=[{"city": "S", "countryCode": "SG", "provinceCode": "1"}])
    assert (customer["defaultAddress"]["province"], customer["defaultAddress"]["provinceCode"]) == (None, None)


async def test_an_email_is_unique_in_any_case_and_loses_its_white_space() -> None:
    """§3.3."""
    shop = Shop()
    assert (await created(shop, email=" Ada@Exam ple.com"))["email"] == "Ada@Example.com"
    assert await refused(shop, email="ada@example.COM") == [(["email"], "Email has already been taken")]


async def test_a_phone_is_unique_as_e164_and_read_by_the_addresss_country_then_the_shops() -> None:
    """§3.3."""
    shop = Shop()
    assert (await created(shop, phone="+1 (613) 450-5293"))["phone"] == "+16134505293"
    assert await refused(shop, phone="613-450-5293") == [(["phone"], "Phone has already been taken")]
    berlin = {"city": "Berlin", "countryCode": "DE"}
    assert (await created(shop, phone="030 901820", addresses=[berlin]))["phone"] == "+4930901820"
    assert await refused(shop, phone="030 901820") == [(["phone"], "Phone is invalid")]


async def test_tags_are_split_trimmed_deduplicated_and_sorted_in_any_case() -> None:
    """§3.3."""
    customer = await created(Shop(), firstName="Ada", tags=["Zulu", "alpha", "Alpha", " spaced tag ", "", "b,c"])
    assert customer["tags"] == ["alpha", "b", "c", "spaced tag", "Zulu"]


async def test_blank_names_and_phone_are_null_and_a_blank_note_stays() -> None:
    """§3.3."""
    customer = await created(Shop(), email="a@example.com", firstName="   ", lastName="", note="", phone="")
    assert (customer["firstName"], customer["lastName"], customer["phone"], customer["note"]) == (None, None, None, "")


async def test_consent_is_kept_with_its_date() -> None:
    """§3.4."""
    email = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "CONFIRMED_OPT_IN"}
    sms = {"marketingState": "UNSUBSCRIBED", "consentUpdatedAt": "2026-04-25T03:05:00+02:00"}
    customer = await created(
        Shop(), email="a@example.com", phone="+14155551001", emailMarketingConsent=email, smsMarketingConsent=sms
    )
    assert customer["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert customer["defaultEmailAddress"]["marketingUpdatedAt"] == "2026-10-20T09:30:15Z"
    assert customer["defaultPhoneNumber"]["smsMarketingConsent"] == {
        "state": "UNSUBSCRIBED",
        "optInLevel": "SINGLE_OPT_IN",
        "updatedAt": "2026-04-25T01:05:00Z",
        "collectedFrom": "OTHER",
    }


async def test_a_phone_without_consent_has_the_default_state_of_the_new_object() -> None:
    """§0.1, §6."""
    customer = await created(Shop(), phone="+14155551001")
    assert customer["defaultPhoneNumber"]["smsMarketingConsent"]["state"] == "NEVER_SUBSCRIBED"


async def test_consent_needs_its_address_and_a_settable_state() -> None:
    """§3.4."""
    shop = Shop()
    state = {"marketingState": "SUBSCRIBED"}
    message = "An email address is required to set the email marketing consent state."
    assert await refused(shop, phone="+14155551001", emailMarketingConsent=state) == [
        (["emailMarketingConsent"], message)
    ]
    message = "A phone number is required to set the SMS consent state."
    assert await refused(shop, email="a@example.com", smsMarketingConsent=state) == [(["smsMarketingConsent"], message)]
    given = {"email": "a@example.com", "emailMarketingConsent": {"marketingState": "REDACTED"}}
    body = await shop.reply(CREATE, input=given)
    assert body["errors"][0]["message"] == "Cannot specify REDACTED as a marketing state input"
    assert (body["errors"][0]["extensions"]["code"], body["data"]) == ("INVALID", {"customerCreate": None})


async def test_the_consent_mutation_has_rules_of_its_own() -> None:
    """§3.4."""
    shop = Shop()
    customer = await created(shop, email="a@example.com")
    query = """mutation($input: CustomerEmailMarketingConsentUpdateInput!) {
      customerEmailMarketingConsentUpdate(input: $input) {
        customer { defaultEmailAddress { marketingState } } userErrors { code field message } } }"""

    async def codes(**consent: Wire) -> list[str]:
        payload = await shop.data(query, input={"customerId": customer["id"], "emailMarketingConsent": consent})
        return [error["code"] for error in payload["userErrors"]]

    assert await codes(marketingState="SUBSCRIBED") == ["MISSING_ARGUMENT"]
    assert await codes(marketingState="PENDING", marketingOptInLevel="SINGLE_OPT_IN") == ["INVALID"]
    late = {"marketingOptInLevel": "SINGLE_OPT_IN", "consentUpdatedAt": "2999-01-01T00:00:00Z"}
    assert await codes(marketingState="SUBSCRIBED", **late) == ["INVALID"]
    assert await codes(marketingState="SUBSCRIBED", marketingOptInLevel="SINGLE_OPT_IN") == []
    payload = await shop.data(
        UPDATE, input={"id": customer["id"], "emailMarketingConsent": {"marketingState": "PENDING"}}
    )
    message = "To update emailMarketingConsent, please use the customerEmailMarketingConsentUpdate Mutation instead"
    assert payload["userErrors"] == [{"field": ["emailMarketingConsent"], "message": message}]


async def test_an_update_changes_what_it_is_given_and_its_addresses_are_the_whole_list() -> None:
    """§3.3."""
    shop = Shop()
    customer = await created(shop, email="a@example.com", note="kept", addresses=[{"city": "Oslo"}, {"city": "Rome"}])
    shop.wait(60)
    payload = await shop.data(UPDATE, input={"id": customer["id"], "tags": ["vip"], "addresses": [{"city": "Bern"}]})
    assert payload["customer"] == {
        "id": customer["id"],
        "email": "a@example.com",
        "firstName": None,
        "tags": ["vip"],
        "note": "kept",
        "updatedAt": "2026-10-20T09:31:15Z",
        "addressesV2": {"nodes": [{"city": "Bern"}]},
    }
    missing = await shop.data(UPDATE, input={"id": "gid://shopify/Customer/1", "note": "x"})
    assert missing["userErrors"] == [{"field": ["id"], "message": "Customer does not exist"}]
    nameless = await shop.data(UPDATE, input={"id": customer["id"], "email": None})
    message = "A name, phone number, or email address must be present"
    assert nameless["userErrors"] == [{"field": None, "message": message}]


async def test_an_address_is_added_once() -> None:
    """§3.2."""
    shop = Shop()
    customer = await created(shop, firstName="Ada")
    first = await shop.data(ADDRESS, id=customer["id"], address={"city": "Oslo"}, default=False)
    assert (first["address"]["city"], first["address"]["name"]) == ("Oslo", "Ada")
    again = await shop.data(ADDRESS, id=customer["id"], address={"city": "Oslo"}, default=True)
    assert again["userErrors"] == [{"field": ["address"], "message": "Address already exists"}]
    nobody = await shop.data(ADDRESS, id="gid://shopify/Customer/1", address={"city": "Oslo"}, default=True)
    assert nobody["userErrors"] == [{"field": ["customerId"], "message": "Customer does not exist"}]
    found = await shop.data(
        "query($id: ID!) { customer(id: $id) { defaultAddress { city } addresses { city } } }", id=customer["id"]
    )
    assert found == {"defaultAddress": {"city": "Oslo"}, "addresses": [{"city": "Oslo"}]}


async def test_only_a_customer_without_orders_is_deleted() -> None:
    """§3.7."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="buyer@example.com", number_of_orders=2)])
    (buyer,) = shop.store.customers
    payload = await shop.data(DELETE, id=buyer.id)
    message = "Customer can\N{RIGHT SINGLE QUOTATION MARK}t be deleted because they have associated orders"
    assert payload == {"deletedCustomerId": None, "userErrors": [{"field": ["id"], "message": message}]}
    customer = await created(shop, email="a@example.com", phone="+14155551001")
    assert (await shop.data(DELETE, id=customer["id"]))["deletedCustomerId"] == customer["id"]
    assert (await shop.data(DELETE, id=customer["id"]))["userErrors"][0]["message"] == "Customer does not exist"
    await created(shop, email="a@example.com", phone="+14155551001")


async def test_tags_are_added_to_those_there() -> None:
    shop = Shop()
    customer = await created(shop, firstName="Ada", tags=["b"])
    query = """mutation($id: ID!) { tagsAdd(id: $id, tags: ["A", "B"]) {
      node { ... on Customer { tags } } userErrors { message } } }"""
    assert (await shop.data(query, id=customer["id"]))["node"] == {"tags": ["A", "b"]}
