"""Own how a batch of orders is run: one after another, unchecked, each result in its place (reference §3.8, §5.14).

Knows no order: what creating, changing and deleting do comes in as functions.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from crossdock.sandbox.woocommerce.errors import FatalError, RestError
from crossdock.sandbox.woocommerce.php import items, php_int

_LIMIT = 100
Item = dict[str, Any]


async def run_batch(
    params: Mapping[str, Any],
    create: Callable[[int, Item], Awaitable[Item]],
    update: Callable[[int, Item], Awaitable[Item]],
    delete: Callable[[int], Awaitable[Item]],
) -> object:
    """Return the results by list; raises RestError 413 above a hundred items, FatalError where PHP died midway."""
    lists = {name: items(params.get(name)) for name in ("create", "update", "delete")}
    if sum(map(len, lists.values())) > _LIMIT:
        message = f"Unable to accept more than {_LIMIT} items for this request."
        raise RestError("woocommerce_rest_request_entity_too_large", message, 413)
    answer: dict[str, list[Item]] = {}
    for place, item in enumerate(map(_object, lists["create"])):
        answer.setdefault("create", []).append(await _result(create(place, item), 0))
    for item in map(_object, lists["update"]):
        order_id = php_int(item.get("id"))
        answer.setdefault("update", []).append(await _result(update(order_id, item), item.get("id")))
    for given in lists["delete"]:
        if php_int(given):
            answer.setdefault("delete", []).append(await _result(delete(php_int(given)), php_int(given)))
    # PHP encodes an empty array as a list.
    return answer or []


async def _result(work: Awaitable[Item], item_id: object) -> Item:
    try:
        return await work
    except FatalError:
        raise
    except RestError as error:
        return {"id": item_id, "error": error.body()}


def _object(item: object) -> Item:
    if not isinstance(item, dict):
        raise FatalError
    return cast("Item", item)
