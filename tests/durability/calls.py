"""The kinds of call that a migration makes of each platform, by what of a request tells them apart.

Owns their names and how a rule of a fault script meets them. It must not know what strikes them.
"""

from typing import Any

from tests.durability.stage import Way

Rule = dict[str, Any]

_WOOCOMMERCE_CUSTOMERS: dict[str, Rule] = {
    "index": {"method": "GET", "path": "/wp-json/?"},
    "info": {"method": "GET", "path": "/settings/general"},
    "count or page": {"method": "GET", "path": "orderby=id"},
    "get or verify": {"method": "GET", "path": "include="},
    "find": {"method": "GET", "path": "order=desc"},
    "find by e-mail": {"method": "GET", "path": "email="},
    "read the mute": {"method": "GET", "path": "/settings/email_customer_new_account"},
    "mute": {"method": "PUT", "path": "/settings/email_customer_new_account"},
    "restore": {"method": "PUT", "path": "/settings/email_customer_new_account", "body": '"yes"'},
    "create": {"method": "POST", "path": "/customers/batch", "body": '"create"'},
    "try permission": {"method": "POST", "path": "/customers/batch"},
}
_SHOPIFY_CUSTOMERS: dict[str, Rule] = {
    "info": {"body": "query CrossdockShop"},
    "count": {"body": "query CrossdockCustomersCount"},
    "page": {"body": "query CrossdockCustomersPage"},
    "get or verify": {"body": "query CrossdockCustomersByIds"},
    "find": {"body": "query CrossdockCustomersByIdentifier"},
    "find by e-mail": {"body": "query CrossdockCustomerByIdentifier"},
    "definition": {"body": "query CrossdockMarkerDefinition("},
    "define": {"body": "mutation CrossdockMarkerDefinitionCreate"},
    "create": {"body": "mutation CrossdockCustomerCreate"},
    "stage": {"body": "mutation CrossdockStagedUpload"},
    "upload": {"method": "POST", "path": "/staged-uploads/"},
    "start in bulk": {"body": "mutation CrossdockBulkMutationStart"},
    "start an export": {"body": "mutation CrossdockBulkQueryStart"},
    "watch": {"body": "query CrossdockBulkOperation("},
    "look for the bulk": {"body": "query CrossdockBulkMutations"},
    "result": {"method": "GET", "path": "/bulk-results/"},
}

_WOOCOMMERCE_ORDERS: dict[str, Rule] = {
    "index": {"method": "GET", "path": "/wp-json/?"},
    "info": {"method": "GET", "path": "/settings/general"},
    "decimals": {"method": "GET", "path": "/system_status"},
    "count": {"method": "GET", "path": "/orders?status=any&per_page=1&"},
    "page": {"method": "GET", "path": "orderby=id"},
    "get or verify": {"method": "GET", "path": "/orders?include="},
    "refunds of": {"method": "GET", "path": "/refunds?"},
    "find": {"method": "GET", "path": "order=desc"},
    "what changed": {"method": "GET", "path": "modified_after="},
    "find by e-mail": {"method": "GET", "path": "email="},
    "the people of orders": {"method": "GET", "path": "/customers?role=all&include="},
    "products": {"method": "GET", "path": "/products?sku="},
    "try permission": {"method": "POST", "path": "/orders/batch"},
    "create": {"method": "POST", "path": "/wc/v3/orders?"},
    "refund": {"method": "POST", "path": "/refunds?"},
    "finish": {"method": "PUT", "path": "/wc/v3/orders/"},
    "delete what is half made": {"method": "DELETE", "path": "/wc/v3/orders/"},
}
_SHOPIFY_ORDERS: dict[str, Rule] = {
    "info": {"body": "query CrossdockShop"},
    "count": {"body": "query CrossdockOrdersCount"},
    "page": {"body": "query CrossdockOrdersPage"},
    "drafts": {"body": "query CrossdockDrafts"},
    "terms": {"body": "query CrossdockOrderTerms"},
    "outline": {"body": "query CrossdockOrdersOutline"},
    "get": {"body": "query CrossdockOrdersByIds"},
    "get or verify": {"body": "query CrossdockOrdersVerify"},
    "what changed": {"body": "query CrossdockOrdersChanged"},
    "find": {"body": "query CrossdockOrdersByIdentifier"},
    "find drafts": {"body": "query CrossdockDraftMarkers"},
    "definition": {"body": "query CrossdockMarkerDefinition("},
    "define": {"body": "mutation CrossdockMarkerDefinitionCreate"},
    "variants": {"body": "query CrossdockVariants"},
    "buyers": {"body": "query CrossdockBuyers"},
    "find customers": {"body": "query CrossdockCustomersByIdentifier"},
    "customers": {"body": "query CrossdockCustomersByIds"},
    "names": {"body": "query CrossdockOrderNames"},
    "newest number": {"body": "query CrossdockNewestNumber"},
    "refundable": {"body": "query CrossdockRefundable"},
    "cancelled": {"body": "query CrossdockOrdersCancelled"},
    "create the customer": {"body": "mutation CrossdockCustomerCreate"},
    "create": {"body": "mutation CrossdockOrderCreate"},
    "refund": {"body": "mutation CrossdockRefundCreate"},
    "cancel": {"body": "mutation CrossdockOrderCancel"},
    "put the address back": {"body": "mutation CrossdockDefaultAddress"},
}


def calls_of(way: Way) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Give the kinds of call of a way, to WooCommerce and to Shopify."""
    if not way.has_orders:
        return _WOOCOMMERCE_CUSTOMERS, _SHOPIFY_CUSTOMERS
    if way.create_as == "draft":
        return _WOOCOMMERCE_ORDERS, {**_SHOPIFY_ORDERS, "create": {"body": "mutation CrossdockDraftCreate"}}
    return _WOOCOMMERCE_ORDERS, _SHOPIFY_ORDERS
