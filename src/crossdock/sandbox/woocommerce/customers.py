"""Own the customer routes: listing, one account, create, change, delete, batch (reference §2 and §3).

What may be written is ruled in `accounts`; here stand permissions, schema checks, reply shapes and the batch's ways.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from crossdock.sandbox.woocommerce.account import Account, account_view
from crossdock.sandbox.woocommerce.accounts import delete, insert, prepare_new, update
from crossdock.sandbox.woocommerce.errors import FatalError, RestError, invalid_id
from crossdock.sandbox.woocommerce.listing import paging_headers, select_page
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, Permission, RestRoute, Result, route
from crossdock.sandbox.woocommerce.service import CREATE_SECONDS, UPDATE_SECONDS, listing_seconds
from crossdock.sandbox.woocommerce.validation import check_customer_body, check_listing, require, truth

_BATCH_LIMIT = 100
_LIST = Permission("list_users", "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_VIEW = Permission("list_users", "woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
_CREATE = Permission(
    "promote_users",
    "woocommerce_rest_cannot_create",
    "Sorry, you are not allowed to create resources.",
)
_EDIT = Permission("edit_users", "woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
_DELETE = Permission(
    "delete_users",
    "woocommerce_rest_cannot_delete",
    "Sorry, you are not allowed to delete this resource.",
)
_BATCH = Permission(
    "promote_users",
    "woocommerce_rest_cannot_batch",
    "Sorry, you are not allowed to batch manipulate this resource.",
)


def customer_routes() -> list[RestRoute]:
    """Return the routes of customers; the batch stands before the id so that its word is no id."""
    return [
        route(
            "/wc/v3/customers", get=Endpoint(_LIST, _list, _check_listing), post=Endpoint(_CREATE, _create, _check_new)
        ),
        route("/wc/v3/customers/batch", editable=Endpoint(_BATCH, _batch)),
        route(
            r"/wc/v3/customers/(?P<id>\d+)",
            get=Endpoint(_VIEW, _get),
            editable=Endpoint(_EDIT, _update, _check_change),
            delete=Endpoint(_DELETE, _delete),
        ),
    ]


def _check_listing(call: Call) -> None:
    check_listing(call.params)


def _check_new(call: Call) -> None:
    require(call.params, ["email"])
    check_customer_body(call.params, creates=True)


def _check_change(call: Call) -> None:
    check_customer_body(call.params, creates=False)


async def _list(call: Call) -> Result:
    page = select_page(call.store, call.params)
    await call.desk.spend(listing_seconds(len(page.accounts)))
    body = [_linked(call, account) for account in page.accounts]
    return Result(body, headers=paging_headers(page, f"{call.root}wc/v3/customers", call.query))


async def _get(call: Call) -> Result:
    await call.desk.spend(listing_seconds(1))
    account = call.store.accounts.get(int(call.place["id"]))
    if account is None:
        raise invalid_id(404)
    return _single(call, account)


async def _create(call: Call) -> Result:
    if not call.store.options.generates_passwords():
        require(call.params, ["password"])
    account = await _make(call, call.params)
    result = _single(call, account)
    result.status = 201
    result.headers["Location"] = f"{call.root}wc/v3/customers/{account.id}"
    return result


async def _update(call: Call) -> Result:
    await call.desk.spend(UPDATE_SECONDS)
    return _single(call, update(call.store, int(call.place["id"]), call.params))


async def _delete(call: Call) -> Result:
    if not truth(call.params.get("force")):
        raise RestError("woocommerce_rest_trash_not_supported", "Customers do not support trashing.", 501)
    reassign = str(call.params.get("reassign") or "0")
    await call.desk.spend(UPDATE_SECONDS)
    return _single(call, delete(call.store, int(call.place["id"]), int(reassign) if reassign.isdigit() else -1))


async def _batch(call: Call) -> Result:
    """Answer 200 with results by position; entries of `delete` that are 0 leave no result, so positions shift."""
    lists = {name: _items(call.params.get(name)) for name in ("create", "update", "delete")}
    if sum(len(items) for items in lists.values()) > _BATCH_LIMIT:
        message = f"Unable to accept more than {_BATCH_LIMIT} items for this request."
        raise RestError("woocommerce_rest_request_entity_too_large", message, 413)
    answer: dict[str, list[Any]] = {}
    for item in _objects(lists["create"]):
        answer.setdefault("create", []).append(await _batch_create(call, item))
    for item in _objects(lists["update"]):
        answer.setdefault("update", []).append(await _batch_update(call, item))
    for given in lists["delete"]:
        if _php_int(given):
            answer.setdefault("delete", []).append(await _batch_delete(call, _php_int(given)))
    # PHP encodes an empty array as a list.
    return Result(answer or [])


async def _batch_create(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    try:
        return _linked(call, await _make(call, item))
    except RestError as error:
        return {"id": 0, "error": error.body()}


async def _batch_update(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    await call.desk.spend(UPDATE_SECONDS)
    try:
        return _linked(call, update(call.store, _php_int(item.get("id")), item))
    except RestError as error:
        return {"id": item.get("id"), "error": error.body()}


async def _batch_delete(call: Call, account_id: int) -> dict[str, Any]:
    await call.desk.spend(UPDATE_SECONDS)
    try:
        return _linked(call, delete(call.store, account_id, 0))
    except RestError as error:
        return {"id": account_id, "error": error.body()}


async def _make(call: Call, params: Mapping[str, Any]) -> Account:
    """Make an account; the password's hash takes its time before the row is there."""
    await call.desk.spend(CREATE_SECONDS)
    draft = prepare_new(call.store, params)
    await call.desk.race()
    return insert(call.store, draft)


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _objects(items: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield batch items; one that is no object is a fatal error in PHP, which ends the request at that place."""
    for item in items:
        if not isinstance(item, dict):
            raise FatalError
        yield cast("dict[str, Any]", item)


def _php_int(value: object) -> int:
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else 0


def _single(call: Call, account: Account) -> Result:
    return Result(_view(call, account), links=_links(call, account.id))


def _linked(call: Call, account: Account) -> dict[str, Any]:
    return {**_view(call, account), "_links": _links(call, account.id)}


def _view(call: Call, account: Account) -> dict[str, Any]:
    return account_view(account, call.store.zone, shows_meta=call.sees_meta())


def _links(call: Call, account_id: int) -> dict[str, Any]:
    collection = f"{call.root}wc/v3/customers"
    capabilities = {"GET": "list_users", "POST": "edit_users", "DELETE": "delete_users"}
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    allow = [name for name in methods if call.key and call.key.can(capabilities.get(name, "edit_users"))]
    return {
        "self": [{"href": f"{collection}/{account_id}", "targetHints": {"allow": allow}}],
        "collection": [{"href": collection}],
    }
