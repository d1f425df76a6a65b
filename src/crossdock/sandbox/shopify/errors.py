"""The top-level errors of an executed request. Must not know what raised them."""

from typing import Final

from graphql import GraphQLError

ACCESS_DOCUMENTATION: Final = "https://shopify.dev/api/usage/access-scopes"


class ShopError(GraphQLError):
    """An error with the platform's code in its extensions; the field that raised it becomes null."""

    def __init__(self, message: str, code: str, **extensions: object) -> None:
        super().__init__(message, extensions={"code": code, **extensions})


def access_denied(field: str, scope: str) -> ShopError:
    """Build the error for a missing scope (reference §1.4)."""
    required = f"`{scope}` access scope."
    return ShopError(
        f"Access denied for {field} field. Required access: {required}",
        "ACCESS_DENIED",
        documentation=ACCESS_DOCUMENTATION,
        requiredAccess=required,
    )


def protected_data_denied(object_name: str) -> ShopError:
    """Build the error for an app without protected customer data access (reference §1.4)."""
    return ShopError(
        f"This app is not approved to access the {object_name} object. "
        "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
        "ACCESS_DENIED",
    )


def invalid_id(text: str) -> ShopError:
    """Build the error for a malformed global id."""
    return ShopError(f"Invalid id: {text}", "RESOURCE_NOT_FOUND")


def bad_request(message: str) -> ShopError:
    """Build the error for arguments that the schema allows and the platform does not."""
    return ShopError(message, "BAD_REQUEST")
