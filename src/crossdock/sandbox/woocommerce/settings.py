"""Own the settings routes: groups, one group, one setting, and both batches (reference §5.10)."""

from typing import Any, cast

from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, Permission, RestRoute, Result, route
from crossdock.sandbox.woocommerce.validation import require

_VIEW = Permission("manage_woocommerce", "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_EDIT = Permission("manage_woocommerce", "woocommerce_rest_cannot_edit", "Sorry, you cannot edit this resource.")
_BATCH = Permission(
    "manage_woocommerce",
    "woocommerce_rest_cannot_batch",
    "Sorry, you are not allowed to batch manipulate this resource.",
)


def settings_routes() -> list[RestRoute]:
    """Return the routes of settings; the batches stand first so that their word is no group."""
    return [
        route("/wc/v3/settings", get=Endpoint(_VIEW, _groups)),
        route("/wc/v3/settings/batch", editable=Endpoint(_BATCH, _batch)),
        route(r"/wc/v3/settings/(?P<group>[\w-]+)/batch", editable=Endpoint(_BATCH, _batch)),
        route(r"/wc/v3/settings/(?P<group>[\w-]+)", get=Endpoint(_VIEW, _group)),
        route(
            r"/wc/v3/settings/(?P<group>[\w-]+)/(?P<id>[\w-]+)",
            get=Endpoint(_VIEW, _setting),
            editable=Endpoint(_EDIT, _change),
        ),
    ]


async def _groups(call: Call) -> Result:
    return Result([{"id": name, "label": name, "parent_id": ""} for name in call.store.options.groups()])


async def _group(call: Call) -> Result:
    return Result([{**view, "_links": _links(call, view)} for view in call.store.options.listing(call.place["group"])])


async def _setting(call: Call) -> Result:
    view = call.store.options.view(call.place["group"], call.place["id"])
    return Result(view, links=_links(call, view))


async def _change(call: Call) -> Result:
    group, name = call.place["group"], call.place["id"]
    call.store.options.view(group, name)
    require(call.params, ["value"])
    view = call.store.options.change(group, name, call.params.get("value"))
    return Result(view, links=_links(call, view))


async def _batch(call: Call) -> Result:
    given = call.params.get("update")
    items = cast("list[dict[str, Any]]", given) if isinstance(given, list) else []
    answer = [_batch_change(call, item) for item in items]
    return Result({"update": answer} if answer else [])


def _batch_change(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    group = call.place.get("group") or str(item.get("group_id", ""))
    try:
        view = call.store.options.change(group, str(item.get("id", "")), item.get("value"))
    except RestError as error:
        return {"id": item.get("id"), "error": error.body()}
    return {**view, "_links": _links(call, view)}


def _links(call: Call, view: dict[str, Any]) -> dict[str, Any]:
    collection = f"{call.root}wc/v3/settings/{view['group_id']}"
    allow = ["GET", "POST", "PUT", "PATCH"]
    return {
        "self": [{"href": f"{collection}/{view['id']}", "targetHints": {"allow": allow}}],
        "collection": [{"href": collection}],
    }
