"""Own the rules for making, changing and deleting an account, as WordPress and WooCommerce apply them.

Knows no HTTP and no schema: batch items arrive here unchecked, as they do on a real store (reference §3.8), so that a
malformed e-mail in a batch update erases the account's. Section numbers are those of the WooCommerce reference.
"""

import copy
from collections.abc import Mapping
from typing import Any, cast

from crossdock.sandbox.woocommerce.account import BILLING_FIELDS, SHIPPING_FIELDS, Account, Meta
from crossdock.sandbox.woocommerce.errors import RestError, invalid_id
from crossdock.sandbox.woocommerce.php import php_string
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.text import (
    clean_name,
    drop_slashes,
    generate_username,
    is_email,
    sanitize_email,
    sanitize_username,
)

_EMAIL_EXISTS = (
    'An account is already registered with your email address. <a href="#" class="showlogin">Please log in.</a>'
)


def prepare_new(store: WooStore, params: Mapping[str, Any]) -> Account:
    """Return the account that a create asks for, checked but not stored; raises RestError (§3.2)."""
    if params.get("id"):
        raise RestError("woocommerce_rest_customer_exists", "Cannot create existing resource.")
    email = php_string(params.get("email"))
    if email and not is_email(email):
        raise RestError("customer_invalid_email", "Invalid email address")
    draft = Account(id=0, email=email, username=php_string(params.get("username")), registered_at=0)
    _apply_fields(store, draft, params)
    if not email:
        raise RestError("registration-error-invalid-email", "Please provide a valid email address.")
    if store.accounts.by_email(email):
        raise RestError("registration-error-email-exists", _EMAIL_EXISTS)
    if draft.username:
        _check_username(store, draft.username)
    if not params.get("password") and not store.options.generates_passwords():
        raise RestError("registration-error-missing-password", "Please enter an account password.")
    return draft


def insert(store: WooStore, draft: Account) -> Account:
    """Store a checked account, mail its owner, and return it.

    The user name is made only now: what another request stored since the check makes it `existing_user_login`, or,
    where the name is generated, a second account of the same e-mail (appendix).
    """
    if not draft.username:
        draft.username = generate_username(draft.email, store.accounts.has_username, store.random)
    elif store.accounts.has_username(draft.username):
        raise RestError("existing_user_login", "Sorry, that username already exists!")
    if not draft.username:
        raise RestError("empty_user_login", "Cannot create a user with an empty login name.")
    draft.id = store.accounts.next_id()
    draft.registered_at = draft.modified_at = store.now_seconds()
    draft.display_name = f"{draft.first_name} {draft.last_name}".strip() or draft.username
    store.accounts.add(draft)
    store.made.add(draft.id)
    store.counters["created"] += 1
    store.fire("customer.created")
    store.outbox.send("customer_new_account", draft.email, f"Your {store.name} account has been created!")
    return draft


def update(store: WooStore, account_id: int, params: Mapping[str, Any]) -> Account:
    """Change an account in part and return it; raises RestError, 400 for an unknown id too (§3.2, §3.3)."""
    account = store.accounts.get(account_id)
    if account is None:
        raise invalid_id(400)
    asked = php_string(params.get("email"))
    if asked and store.accounts.by_email(asked) and asked != account.email:
        raise RestError("woocommerce_rest_customer_invalid_email", "Email address is invalid.")
    if params.get("username") and params["username"] != account.username:
        raise RestError("woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
    draft = copy.copy(account)
    draft.meta = [copy.copy(row) for row in account.meta]
    _apply_fields(store, draft, params)
    old_email = account.email
    for name in ("first_name", "last_name", "billing", "shipping", "is_paying", "meta"):
        setattr(account, name, getattr(draft, name))
    if params.get("email") is not None:
        store.accounts.change_email(account, sanitize_email(asked))
    if params.keys() - {"id", "meta_data", "context"}:
        account.modified_at = store.now_seconds()
    _mail_changes(store, account, old_email, has_password=bool(params.get("password")))
    store.accounts.touch()
    store.counters["updated"] += 1
    store.fire("customer.updated")
    return account


def delete(store: WooStore, account_id: int, reassign: int) -> Account:
    """Delete an account for good and return what it was; raises RestError (§3.4)."""
    account = store.accounts.get(account_id)
    if account is None:
        raise invalid_id(400)
    if reassign and (reassign == account_id or store.accounts.get(reassign) is None):
        raise RestError("woocommerce_rest_customer_invalid_reassign", "Invalid resource id for reassignment.")
    store.accounts.remove(account)
    store.orders.forget_customer(account_id)
    store.counters["deleted"] += 1
    store.fire("customer.deleted")
    return account


def _mail_changes(store: WooStore, account: Account, old_email: str, *, has_password: bool) -> None:
    """Send WordPress's own notices, both to the address that the account had before (§3.5)."""
    if old_email and account.email != old_email:
        store.outbox.send_core("email_changed", old_email, f"[{store.name}] Email Changed")
    if old_email and has_password:
        store.outbox.send_core("password_changed", old_email, f"[{store.name}] Password Changed")


def _check_username(store: WooStore, username: str) -> None:
    if sanitize_username(username) != username:
        raise RestError("registration-error-invalid-username", "Please enter a valid account username.")
    if store.accounts.has_username(username):
        raise RestError(
            "registration-error-username-exists",
            "An account is already registered with that username. Please choose another.",
        )


def _apply_fields(store: WooStore, draft: Account, params: Mapping[str, Any]) -> None:
    """Write names, addresses and meta into an account; meta comes last, so an internal key wins over its field."""
    for name in ("first_name", "last_name"):
        if params.get(name) is not None:
            setattr(draft, name, clean_name(php_string(params[name])))
    for part, names in (("billing", BILLING_FIELDS), ("shipping", SHIPPING_FIELDS)):
        given = params.get(part)
        if isinstance(given, dict):
            for name in names:
                value = cast("dict[str, Any]", given).get(name)
                if value is not None:
                    _set_address_field(draft, part, name, php_string(value))
    rows = params.get("meta_data")
    if isinstance(rows, list):
        for row in cast("list[Any]", rows):
            if isinstance(row, dict) and "key" in row:
                _apply_meta(store, draft, cast("dict[str, Any]", row))


def _set_address_field(draft: Account, part: str, name: str, value: str) -> None:
    if name == "email" and value and not is_email(value):
        raise RestError("customer_invalid_billing_email", "Invalid billing email address")
    names = BILLING_FIELDS if part == "billing" else SHIPPING_FIELDS
    current: tuple[str, ...] = getattr(draft, part)
    place = names.index(name)
    setattr(draft, part, (*current[:place], drop_slashes(value), *current[place + 1 :]))


def _apply_meta(store: WooStore, draft: Account, row: Mapping[str, Any]) -> None:
    """Write one meta row: by id if it names one, else by key; null deletes; an internal key sets its field (§3.6)."""
    key, value = php_string(row["key"]), row.get("value")
    part, _, name = key.partition("_")
    if key in ("first_name", "last_name"):
        setattr(draft, key, clean_name(php_string(value)))
    elif (part == "billing" and name in BILLING_FIELDS) or (part == "shipping" and name in SHIPPING_FIELDS):
        _set_address_field(draft, part, name, php_string(value))
    elif key == "paying_customer":
        draft.is_paying = bool(value) and value != "0"
    else:
        _upsert_meta(store, draft, row.get("id"), key, value)


def _upsert_meta(store: WooStore, draft: Account, row_id: object, key: str, value: object) -> None:
    found = next((row for row in draft.meta if row.id == row_id), None)
    found = found or next((row for row in draft.meta if row.key == key), None)
    if value is None:
        draft.meta = [row for row in draft.meta if row is not found]
    elif found is not None:
        found.key, found.value = key, _meta_value(value)
    else:
        draft.meta.append(Meta(store.next_meta_id(), key, _meta_value(value)))


def _meta_value(value: object) -> object:
    """Return a meta value as it reads back: scalars are text in the database, structures stay."""
    return cast("object", value) if isinstance(value, (list, dict)) else php_string(value)
