"""What WooCommerce says of a request for a single order: refused and nothing left, or nobody knows.

Owns the tables of codes. Must not send anything.

Source: WooCommerce REST API v3, orders and order refunds; WooCommerce 9.2.5, observed. Some refusals leave an order
behind, and refusals of refunds come as HTTP 500, so that the code decides and never the status.
"""

from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.problems import problem_of
from crossdock.domain.errors import OutcomeUnknownError, RecordConflictError, RecordRejectedError
from crossdock.domain.plan import Outcome, Refused, Unknown

REFUND_REFUSED = "refund_refused"
"""The code of a refund that the store does not take; the order itself is there."""

_INVALID = "rest_invalid_param"
_NO_CURRENCY = frozenset({"order_invalid_currency"})
_NO_CUSTOMER = "woocommerce_rest_invalid_customer_id"
_LEAVES_NOTHING = frozenset(
    {
        _INVALID,
        "rest_missing_callback_param",
        "rest_invalid_json",
        _NO_CUSTOMER,
        "woocommerce_rest_required_product_reference",
        "woocommerce_rest_invalid_shipping_item",
        "woocommerce_rest_invalid_fee_item",
        "woocommerce_rest_invalid_item_id",
        "woocommerce_rest_shop_order_exists",
        "order_invalid_billing_email",
        "order_invalid_parent_id",
        "order_item_product_invalid_tax_class",
    }
)
_GONE = frozenset(
    {"woocommerce_rest_shop_order_invalid_id", "woocommerce_rest_invalid_order_id", "woocommerce_rest_already_trashed"}
)
_REFUND_REFUSED = frozenset({"woocommerce_rest_cannot_create_order_refund", "woocommerce_rest_invalid_order_refund"})


def is_customer_refused(reply: Reply) -> bool:
    """Tell whether the store took nothing, for it does not know the customer."""
    return problem_of(reply).code == _NO_CUSTOMER


def refusal_of(reply: Reply) -> Outcome:
    """Say what became of a request that was answered with an error."""
    problem = problem_of(reply)
    detail = f"{reply.place}: HTTP {reply.status} {problem.code}"
    if problem.code in _GONE:
        text = "The order that was created is not there any more. Look for it in the store."
        return Refused(RecordConflictError("order_gone", text, detail))
    if problem.code in _REFUND_REFUSED:
        text = f"The store refused a refund of this order. It says: {problem.words}"
        return Refused(RecordRejectedError(REFUND_REFUSED, text, detail))
    if problem.code in _NO_CURRENCY or (problem.code == _INVALID and problem.words.endswith(": currency")):
        text = "WooCommerce does not know the order's currency. Enter this order by hand, or leave it in the source."
        return Refused(RecordRejectedError("currency_unsupported", text, detail))
    if problem.code in _LEAVES_NOTHING:
        text = f"The store refused this order. It says: {problem.words}"
        return Refused(RecordRejectedError("store_refused", text, detail))
    text = f"The store failed on this order; Crossdock looks what became of it. It says: {problem.words}"
    return Unknown(OutcomeUnknownError("store_unavailable", text, detail))
