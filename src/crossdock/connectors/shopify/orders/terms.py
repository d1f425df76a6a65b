"""On what terms a shop's orders can be read: how it numbers them, and whether the token sees all of them.

Owns the form of order numbers and the refusal to read a part for the whole. It must not know how orders are read.

Source: Shopify Admin GraphQL API 2026-10, `read_all_orders`: without it, orders older than 60 days are left out of
lists, counts and lookups without a word.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.domain.errors import MissingScopeError

TERMS: Final = load("orders/terms.graphql")
WHOLE_HISTORY: Final = "read_all_orders"
_DRAFTS: Final = ("read_draft_orders", "write_draft_orders")
HIDDEN: Final = "orders_older_than_60_days_hidden"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a shop puts around the numbers of its orders."""

    prefix: str = "#"
    suffix: str = ""

    def bare(self, name: str) -> str:
        """Give the number in an order's name; a name without one is its own number."""
        number = name.strip()
        for prefix in (self.prefix.strip(), "#"):
            if prefix and number.startswith(prefix) and len(number) > len(prefix):
                number = number[len(prefix) :]
                break
        suffix = self.suffix.strip()
        if suffix and number.endswith(suffix) and len(number) > len(suffix):
            number = number[: -len(suffix)]
        return number

    def name(self, number: str) -> str:
        """Give the name of the order with this number."""
        return f"{self.prefix}{number}{self.suffix}"


class _Shop(msgspec.Struct, rename="camel"):
    order_number_format_prefix: str = "#"
    order_number_format_suffix: str | None = None


class _Scope(msgspec.Struct):
    handle: str


class _Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[_Scope] = []


class _Terms(msgspec.Struct, rename="camel"):
    shop: _Shop
    current_app_installation: _Installation | None = None


class OrderTerms:
    """Asks one shop."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql
        self._format: NumberFormat | None = None

    async def number_format(self) -> NumberFormat:
        """Give the form of the shop's order numbers; asked once in the life of this object."""
        if self._format is None:
            await self._ask()
        return self._format or NumberFormat()

    async def require_everything(self) -> None:
        """Make sure that all orders and drafts can be seen; asked each time, since a token may be renewed.

        Raises:
            MissingScopeError: `orders_older_than_60_days_hidden`, or `missing_scope` for drafts.
        """
        scopes = await self._ask()
        if WHOLE_HISTORY not in scopes:
            text = (
                "Shopify hides orders older than 60 days from this app, so that they would look missing. Give the app "
                f"the permission {WHOLE_HISTORY} in Shopify, then install it again or renew its token."
            )
            raise MissingScopeError(HIDDEN, text)
        if scopes.isdisjoint(_DRAFTS):
            text = (
                "Shopify hides draft orders from this app, so that orders which wait as drafts would look missing. "
                f"Give the app the permission {_DRAFTS[0]} in Shopify, then install it again or renew its token."
            )
            raise MissingScopeError("missing_scope", text)

    async def _ask(self) -> frozenset[str]:
        answer = await self._graphql.query(TERMS, {}, _Terms)
        self._format = NumberFormat(
            answer.shop.order_number_format_prefix, answer.shop.order_number_format_suffix or ""
        )
        told = answer.current_app_installation
        return frozenset(scope.handle for scope in told.access_scopes) if told else frozenset()
