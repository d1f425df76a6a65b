"""The customer mutations: who may, what they take, and the payloads they answer. Must not know the rules of a field.

Source: reference §3.1 to §3.7, Admin API 2026-10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify import consent_rules
from crossdock.sandbox.shopify.address_rules import AddressRefusedError
from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.customer_writing import CustomerRefusedError, add_address, write_customer
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.records import Customer, UserError, Wire, parse_gid

_SCOPE: Final = "write_customers"
_NO_CUSTOMER: Final = "Customer does not exist"

Payload = dict[str, Wire]


def _request(info: Info) -> Request:
    request = request_of(info, _SCOPE, protects="Customer")
    request.store.counters.mutations += 1
    return request


def _customer(request: Request, gid: str) -> Customer | None:
    number = parse_gid(gid, "Customer")
    if number is None:
        raise invalid_id(gid)
    return request.store.customers.get(number)


def _refused(errors: Sequence[UserError], subject: str = "customer") -> Payload:
    return {subject: None, "userErrors": errors}


def create_customer(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerCreate; it invites nobody and mails nothing."""
    request, given = _request(info), args["input"]
    for channel in consent_rules.CHANNELS:
        consent_rules.refuse_read_only_state(given.get(channel.field))
    if given.get("id") is not None:
        return _refused([UserError(["id"], "Cannot specify ID on creation")])
    return _write(request, given, None)


def update_customer(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerUpdate."""
    request, given = _request(info), args["input"]
    before = _customer(request, given["id"]) if given.get("id") else None
    if before is None:
        return _refused([UserError(["id"], _NO_CUSTOMER)])
    refused = consent_rules.refuse_on_update(given)
    return _refused(refused) if refused else _write(request, given, before)


def delete_customer(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerDelete; a customer with orders stays."""
    request = _request(info)
    payload: Payload = {"deletedCustomerId": None, "shop": request.store, "userErrors": []}
    customer = _customer(request, args["input"]["id"])
    if customer is None:
        payload["userErrors"] = [UserError(["id"], _NO_CUSTOMER)]
    elif request.store.has_orders(customer):
        message = "Customer can\u2019t be deleted because they have associated orders"
        payload["userErrors"] = [UserError(["id"], message)]
    else:
        request.store.customers.remove(customer.number)
        payload["deletedCustomerId"] = customer.id
    return payload


def create_address(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerAddressCreate."""
    request = _request(info)
    customer = _customer(request, args["customerId"])
    if customer is None:
        return _refused([UserError(["customerId"], _NO_CUSTOMER)], "address")
    try:
        _, address = add_address(request.store, customer, args["address"], is_default=args.get("setAsDefault") or False)
    except AddressRefusedError as refused:
        return _refused(refused.errors, "address")
    return {"address": address, "userErrors": []}


def delete_address(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerAddressDelete."""
    request = _request(info)
    customer, number = _owner(request, args)
    if customer is None:
        return _refused([UserError(["customerId"], _NO_CUSTOMER)], "deletedAddressId")
    kept = tuple(address for address in customer.addresses if address.number != number)
    default = customer.default_address_number
    if default == number:
        default = kept[0].number if kept else None
    changed = replace(customer, addresses=kept, default_address_number=default, updated_at=request.store.now())
    request.store.save(changed)
    return {"deletedAddressId": args["addressId"], "userErrors": []}


def choose_default_address(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerUpdateDefaultAddress."""
    request = _request(info)
    customer, number = _owner(request, args)
    if customer is None:
        return _refused([UserError(["customerId"], _NO_CUSTOMER)])
    changed = replace(customer, default_address_number=number, updated_at=request.store.now())
    return {"customer": request.store.save(changed), "userErrors": []}


def update_email_consent(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerEmailMarketingConsentUpdate."""
    return _update_consent(info, args["input"], consent_rules.EMAIL)


def update_sms_consent(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve customerSmsMarketingConsentUpdate."""
    return _update_consent(info, args["input"], consent_rules.SMS)


def _write(request: Request, given: Mapping[str, Wire], before: Customer | None) -> Payload:
    try:
        return {"customer": write_customer(request.store, given, before), "userErrors": []}
    except CustomerRefusedError as refused:
        return _refused(refused.errors)


def _owner(request: Request, args: Mapping[str, Wire]) -> tuple[Customer | None, int]:
    number = parse_gid(args["addressId"], "MailingAddress")
    if number is None or not any(
        address.number == number for customer in request.store.customers for address in customer.addresses
    ):
        raise invalid_id(args["addressId"])
    customer = _customer(request, args["customerId"])
    if customer is not None and all(address.number != number for address in customer.addresses):
        raise invalid_id(args["addressId"])
    return customer, number


def _update_consent(info: Info, given: Mapping[str, Wire], channel: consent_rules.Channel) -> Payload:
    request, wanted = _request(info), given[channel.field]
    is_sms = channel is consent_rules.SMS
    consent_rules.refuse_read_only_state(wanted)
    customer = _customer(request, given["customerId"])
    if customer is None:
        # Recorded as it is: the two mutations answer an unknown customer differently.
        field, code = (None, None) if is_sms else (["input", "customerId"], "INVALID")
        return _refused([UserError(field, "Customer not found", code)])
    path, now = ["input", channel.field], request.store.now()
    errors = consent_rules.check_update(wanted, path, now)
    if not errors and not (customer.phone if is_sms else customer.email):
        errors.append(UserError(path, channel.missing, "INVALID"))
    if errors:
        return _refused(errors)
    consent = consent_rules.build_consent(wanted, now, is_sms=is_sms)
    changed = replace(customer, updated_at=now)
    changed = replace(changed, sms_consent=consent) if is_sms else replace(changed, email_consent=consent)
    return {"customer": request.store.save(changed), "userErrors": []}
