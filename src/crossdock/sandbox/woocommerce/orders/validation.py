"""Own the schema checks on orders, refunds and products before a single request reaches its route.

Knows no store but the words it is given. Batch items never come here (reference §5.2).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from crossdock.sandbox.woocommerce.currencies import CODES
from crossdock.sandbox.woocommerce.errors import invalid_parameters
from crossdock.sandbox.woocommerce.ledger.order import ADDRESS_FIELDS, SHIPPING_ADDRESS_FIELDS
from crossdock.sandbox.woocommerce.validation import (
    Fault,
    address_fault,
    id_texts,
    integer_fault,
    meta_fault,
    not_in_enum,
    wrong_type,
)

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}(?::\d{2})?)?$")
_LARGEST_PAGE = 100
_TEXTS = ("customer_note", "payment_method", "payment_method_title", "transaction_id")
_ITEM_TEXTS = {
    "line_items": ("sku", "name", "tax_class", "subtotal", "total"),
    "shipping_lines": ("method_id", "method_title", "instance_id", "total"),
    "fee_lines": ("name", "tax_class", "total"),
    "coupon_lines": ("code",),
}
_ITEM_INTEGERS = {"line_items": ("id", "product_id", "variation_id", "quantity")}
# Null in one of these drops the line (§5.4); elsewhere it is no text and no number.
_NULLABLE = ("id", "name", "product_id", "variation_id", "sku", "method_id", "method_title", "code")
_DATES = ("after", "before", "modified_after", "modified_before")
_ID_LISTS = ("include", "exclude", "parent", "parent_exclude")
ORDER_SORTS = ("date", "id", "include", "title", "slug", "modified")
PRODUCT_SORTS = (*ORDER_SORTS, "price", "popularity", "rating", "menu_order")


def check_order_body(params: Mapping[str, Any], statuses: Sequence[str]) -> None:
    """Refuse a create or an update whose fields break the schema; raises RestError 400 (§5.2, §5.4, §5.9)."""
    faults: dict[str, Fault] = {}
    _put(faults, "status", not_in_enum("status", params.get("status"), ("auto-draft", *statuses)))
    _put(faults, "currency", not_in_enum("currency", params.get("currency"), sorted(CODES)))
    for name in _TEXTS:
        if params.get(name) is not None and not isinstance(params[name], str):
            faults[name] = wrong_type(name, "string")
    for name in ("parent_id", "customer_id"):
        if params.get(name) is not None:
            _put(faults, name, integer_fault(name, params[name], None, None))
    _put(faults, "billing", address_fault("billing", ADDRESS_FIELDS, _without_null_email(params.get("billing"))))
    _put(faults, "shipping", address_fault("shipping", SHIPPING_ADDRESS_FIELDS, params.get("shipping")))
    for name, texts in _ITEM_TEXTS.items():
        _put(faults, name, _items_fault(name, params.get(name), texts, _ITEM_INTEGERS.get(name, ("id",))))
    _put(faults, "meta_data", meta_fault(params.get("meta_data")))
    if params.get("set_paid") is not None and str(params["set_paid"]).lower() not in ("true", "false", "1", "0", ""):
        faults["set_paid"] = wrong_type("set_paid", "boolean")
    _refuse(faults)


def check_refund_body(params: Mapping[str, Any]) -> None:
    """Refuse a refund whose fields have the wrong types; raises RestError 400."""
    faults: dict[str, Fault] = {}
    for name in ("amount", "reason"):
        if params.get(name) is not None and not isinstance(params[name], str):
            faults[name] = wrong_type(name, "string")
    for name in ("api_refund", "api_restock"):
        if params.get(name) is not None and str(params[name]).lower() not in ("true", "false", "1", "0"):
            faults[name] = wrong_type(name, "boolean")
    _put(faults, "meta_data", meta_fault(params.get("meta_data")))
    _put(faults, "line_items", _items_fault("line_items", params.get("line_items"), (), ("id", "quantity")))
    _refuse(faults)


def check_order_listing(params: Mapping[str, Any], statuses: Sequence[str]) -> None:
    """Refuse an order listing with a known parameter out of its range; unknown ones pass (§4.1, §4.2)."""
    faults = listing_faults(params, ORDER_SORTS)
    allowed = ("any", "trash", "auto-draft", *statuses)
    for place, value in enumerate(id_texts(params.get("status"))):
        _put(faults, "status", not_in_enum(f"status[{place}]", value, allowed))
    for name in ("customer", "product", "dp"):
        if name in params:
            _put(faults, name, integer_fault(name, params[name], None, None))
    _refuse(faults)


def check_product_listing(params: Mapping[str, Any]) -> None:
    """Refuse a product listing with a known parameter out of its range."""
    _refuse(listing_faults(params, PRODUCT_SORTS))


def listing_faults(params: Mapping[str, Any], sorts: Sequence[str]) -> dict[str, Fault]:
    """Return what is wrong with the parameters that every listing of posts has."""
    faults: dict[str, Fault] = {}
    for name, choices in (("context", ("view", "edit")), ("order", ("asc", "desc")), ("orderby", sorts)):
        if name in params:
            _put(faults, name, not_in_enum(name, params[name], choices))
    for name, lowest, highest in (("page", 1, None), ("per_page", 1, _LARGEST_PAGE), ("offset", None, None)):
        if name in params:
            _put(faults, name, integer_fault(name, params[name], lowest, highest))
    for name in _ID_LISTS:
        for place, value in enumerate(id_texts(params.get(name))):
            if not value.lstrip("-").isdigit():
                faults[name] = wrong_type(f"{name}[{place}]", "integer")
    for name in _DATES:
        if name in params and not _is_date(str(params[name])):
            faults[name] = ("rest_invalid_date", "Invalid date.")
    return faults


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _without_null_email(given: object) -> object:
    """Return a billing address without an e-mail of null, which a create allows, as it does a missing one (§5.9)."""
    if not isinstance(given, Mapping):
        return given
    fields = cast("Mapping[str, Any]", given)
    return {name: value for name, value in fields.items() if name != "email" or value is not None}


def _items_fault(name: str, given: object, texts: Iterable[str], integers: Iterable[str]) -> Fault | None:
    if given is None:
        return None
    if not isinstance(given, list):
        return wrong_type(name, "array")
    for place, item in enumerate(cast("list[object]", given)):
        if not isinstance(item, Mapping):
            return wrong_type(f"{name}[{place}]", "object")
        fault = _item_fault(f"{name}[{place}]", cast("Mapping[str, Any]", item), texts, integers)
        if fault:
            return fault
    return None


def _item_fault(where: str, item: Mapping[str, Any], texts: Iterable[str], integers: Iterable[str]) -> Fault | None:
    for name in texts:
        if name in item and not isinstance(item[name], str) and (item[name] is not None or name not in _NULLABLE):
            return wrong_type(f"{where}[{name}]", "string")
    for name in integers:
        is_left_out = name not in item or (item[name] is None and name in _NULLABLE)
        fault = None if is_left_out else integer_fault(f"{where}[{name}]", item[name], None, None)
        if fault:
            return fault
    return meta_fault(item.get("meta_data"))


def _put(faults: dict[str, Fault], name: str, fault: Fault | None) -> None:
    if fault:
        faults.setdefault(name, fault)


def _refuse(faults: Mapping[str, Fault]) -> None:
    if faults:
        raise invalid_parameters(faults)
