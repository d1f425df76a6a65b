"""Own the schema checks that WordPress makes before a single request reaches its route.

Knows neither store nor routes. Batch items never come here (reference §3.8); listing parameters do (§2.1).
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from crossdock.sandbox.woocommerce.account import BILLING_FIELDS, SHIPPING_FIELDS
from crossdock.sandbox.woocommerce.errors import RestError, invalid_parameters
from crossdock.sandbox.woocommerce.text import is_email

Fault = tuple[str, str]

_INVALID_EMAIL: Fault = ("rest_invalid_email", "Invalid email address.")
_ROLES = ("all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager")
_LARGEST_PAGE = 100
_CHOICES: dict[str, tuple[str, ...]] = {
    "context": ("view", "edit"),
    "order": ("asc", "desc"),
    "orderby": ("id", "include", "name", "registered_date"),
    "role": _ROLES,
}


def check_customer_body(params: Mapping[str, Any], *, creates: bool) -> None:
    """Refuse a create or an update whose fields have the wrong types or a malformed e-mail; raises RestError 400."""
    faults: dict[str, Fault] = {}
    for name in ("first_name", "last_name", "username", "password"):
        if params.get(name) is not None and not isinstance(params[name], str):
            faults[name] = wrong_type(name, "string")
    email = params.get("email")
    if email is not None and not isinstance(email, str):
        faults["email"] = wrong_type("email", "string")
    elif email is not None and (not email or (not creates and not is_email(email))):
        faults["email"] = _INVALID_EMAIL
    for part, names in (("billing", BILLING_FIELDS), ("shipping", SHIPPING_FIELDS)):
        fault = address_fault(part, names, params.get(part))
        if fault:
            faults[part] = fault
    fault = meta_fault(params.get("meta_data"))
    if fault:
        faults["meta_data"] = fault
    if faults:
        raise invalid_parameters(faults)


def require(params: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuse a request that lacks a required parameter; raises RestError 400."""
    missing = [name for name in names if params.get(name) is None]
    if missing:
        message = f"Missing parameter(s): {', '.join(missing)}"
        raise RestError("rest_missing_callback_param", message, data={"params": missing})


def check_listing(params: Mapping[str, Any]) -> None:
    """Refuse a customer listing with a known parameter out of its range; unknown ones pass (§2.1)."""
    faults = _choice_faults(params)
    for name, lowest, highest in (("page", 1, None), ("per_page", 1, _LARGEST_PAGE), ("offset", None, None)):
        if name in params:
            fault = integer_fault(name, params[name], lowest, highest)
            if fault:
                faults[name] = fault
    if "email" in params and not is_email(str(params["email"])):
        faults["email"] = _INVALID_EMAIL
    for name in ("include", "exclude"):
        for place, value in enumerate(id_texts(params.get(name))):
            if not value.lstrip("-").isdigit():
                faults[name] = wrong_type(f"{name}[{place}]", "integer")
    if faults:
        raise invalid_parameters(faults)


def id_texts(value: object) -> list[str]:
    """Return the items of a list parameter, given as an array or as a comma list."""
    if isinstance(value, list):
        return [str(item).strip() for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return [str(item).strip() for item in cast("dict[str, object]", value).values()]
    return [item.strip() for item in str(value).split(",") if item.strip()] if value is not None else []


def truth(value: object) -> bool:
    """Read a boolean parameter the way WordPress does: only `false`, `0` and nothing at all are false."""
    return value not in (None, False, 0, "", "0", "false", "FALSE")


def _choice_faults(params: Mapping[str, Any]) -> dict[str, Fault]:
    faults: dict[str, Fault] = {}
    for name, choices in _CHOICES.items():
        fault = not_in_enum(name, params[name], choices) if name in params else None
        if fault:
            faults[name] = fault
    return faults


def not_in_enum(name: str, value: object, choices: Sequence[str]) -> Fault | None:
    """Return the fault of a value that is none of the choices, which its message lists; null has none."""
    if value is None or value in choices:
        return None
    words = f"{', '.join(choices[:-1])}{',' if choices[2:] else ''} and {choices[-1]}"
    return "rest_not_in_enum", f"{name} is not one of {words}."


def integer_fault(name: str, value: object, lowest: int | None, highest: int | None) -> Fault | None:
    """Return the fault of a value that is no integer or out of its bounds, both inclusive."""
    text = str(value)
    if isinstance(value, bool) or not text.lstrip("-").isdigit():
        return wrong_type(name, "integer")
    if lowest is not None and highest is not None and not lowest <= int(text) <= highest:
        return "rest_out_of_bounds", f"{name} must be between {lowest} (inclusive) and {highest} (inclusive)"
    if lowest is not None and int(text) < lowest:
        return "rest_out_of_bounds", f"{name} must be greater than or equal to {lowest}"
    return None


def address_fault(part: str, names: Sequence[str], value: object) -> Fault | None:
    """Return the fault of an address whose fields are no text, or whose e-mail is malformed."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return wrong_type(part, "object")
    fields = cast("dict[str, Any]", value)
    for name in names:
        if name not in fields:
            continue
        if name == "email" and (not isinstance(fields[name], str) or not is_email(fields[name])):
            return _INVALID_EMAIL
        if not isinstance(fields[name], str):
            return wrong_type(f"{part}[{name}]", "string")
    return None


def meta_fault(value: object) -> Fault | None:
    """Return the fault of meta that is no list of objects with a text for a key."""
    if value is None:
        return None
    if not isinstance(value, list):
        return wrong_type("meta_data", "array")
    for place, row in enumerate(cast("list[Any]", value)):
        if not isinstance(row, dict):
            return wrong_type(f"meta_data[{place}]", "object")
        key = cast("dict[str, Any]", row).get("key")
        if key is not None and not isinstance(key, str):
            return wrong_type(f"meta_data[{place}][key]", "string")
    return None


def wrong_type(name: str, kind: str) -> Fault:
    """Return the fault of a value of another type."""
    return "rest_invalid_type", f"{name} is not of type {kind}."
