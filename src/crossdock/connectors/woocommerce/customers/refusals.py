"""What WooCommerce says of a single customer that it does not create.

Owns the table of codes of one item. Must not send anything.

Source: WooCommerce REST API v3, customers; WooCommerce 9.2.5, observed.
"""

from http import HTTPStatus

import msgspec

from crossdock.connectors.replies import store_words
from crossdock.connectors.woocommerce.customers.wire import WireError
from crossdock.domain.errors import ConfigurationError, OutcomeUnknownError, RecordRejectedError
from crossdock.domain.plan import NotSent, Outcome, Refused, Unknown

TAKEN = frozenset(
    {
        "registration-error-email-exists",
        "woocommerce_rest_customer_exists",
        "existing_user_login",
        "existing_user_email",
    }
)
"""Codes after which an account with this e-mail is looked for. The last two come of accounts made at the same time."""

_NO_USERNAME = "WooCommerce can't make a user name from this e-mail address. Create this customer by hand."
_BAD_EMAIL = "WooCommerce does not accept this e-mail address. Correct it in the source store."
_SENTENCES = {
    "customer_invalid_email": ("email_invalid", _BAD_EMAIL),
    "registration-error-invalid-email": ("email_invalid", _BAD_EMAIL),
    "customer_invalid_billing_email": ("email_invalid", _BAD_EMAIL),
    "registration-error-invalid-username": ("username_refused", _NO_USERNAME),
    "registration-error-username-exists": ("username_refused", _NO_USERNAME),
    "empty_user_login": ("username_refused", _NO_USERNAME),
    "user_login_too_long": ("username_refused", _NO_USERNAME),
}
_UNFIT_SHOP_CODE = "registration-error-missing-password"
_UNFIT_SHOP_ADVICE = (
    "The store asks for a password of every new customer. Switch on the set-password link (or generated passwords) "
    "under WooCommerce > Settings > Accounts & Privacy."
)


class _Data(msgspec.Struct):
    status: int = HTTPStatus.BAD_REQUEST


def outcome_of(error: WireError) -> Outcome:
    """Say what became of a customer whose item holds an error; `TAKEN` codes are the caller's."""
    code, words = str(error.code), store_words(error.message)
    detail = f"item: {code}"
    if code == _UNFIT_SHOP_CODE:
        return NotSent(ConfigurationError("passwords_required", _UNFIT_SHOP_ADVICE, detail))
    if _status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        text = f"The store failed on this customer; Crossdock looks whether it was created. It says: {words}"
        return Unknown(OutcomeUnknownError("store_unavailable", text, detail))
    own_code, sentence = _SENTENCES.get(code, ("store_refused", "The store refused this customer."))
    return Refused(RecordRejectedError(own_code, f"{sentence} It says: {words}" if words else sentence, detail))


def _status(error: WireError) -> int:
    try:
        return msgspec.json.decode(error.data, type=_Data).status
    except msgspec.DecodeError:
        return HTTPStatus.BAD_REQUEST
