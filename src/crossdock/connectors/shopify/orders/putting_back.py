"""Setting customers' default addresses back to what they were before orders were created for them.

Owns that the first order of a run tells it. A customer or an address that is gone since is left alone.

Source: Shopify Admin GraphQL API 2026-10: an order's address becomes its customer's default address.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.buyers import Buyers
from crossdock.connectors.shopify.orders.resolved import resolved_of
from crossdock.connectors.shopify.orders.verdicts import UserError
from crossdock.connectors.shopify.pacing import finished
from crossdock.connectors.shopify.refusals import RefusedDocumentError
from crossdock.domain.plan import Resolution

SET_DEFAULT: Final = load("orders/default_address.graphql")
_AT_ONCE: Final = 20


class _Payload(msgspec.Struct, rename="camel", frozen=True):
    user_errors: tuple[UserError, ...] = ()


class _Answer(msgspec.Struct, rename="camel", frozen=True):
    customer_update_default_address: _Payload | None = None


class PuttingBack:
    """Sets back the addresses of one store's customers."""

    def __init__(self, graphql: GraphQL, buyers: Buyers) -> None:
        self._graphql = graphql
        self._buyers = buyers
        self._holder = ""
        self._first: dict[str, str] = {}

    def begin(self, holder: str) -> None:
        """Forget what another run than `holder` has found."""
        if holder != self._holder:
            self._holder = holder
            self._first.clear()

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Set back what the orders of `resolutions` have changed; those of a run come in the order of its records.

        Where a run went on after a crash, a later order may have been told an address that an earlier one had set.
        """
        customers: set[str] = set()
        for resolved in map(resolved_of, resolutions):
            if resolved.customer and resolved.default_address:
                self._first.setdefault(resolved.customer, resolved.default_address)
                customers.add(resolved.customer)
        now = await self._buyers.default_addresses(sorted(customers))
        changed = [customer for customer, address in now.items() if address != self._first[customer]]
        async for _ in finished(changed, self._set, at_once=_AT_ONCE):
            continue

    async def _set(self, customer: str) -> None:
        """Set one address; Shopify says so where it is gone, and nothing can be done about it."""
        try:
            variables = {"customerId": customer, "addressId": self._first[customer]}
            await self._graphql.mutate_again(SET_DEFAULT, variables, _Answer)
        except RefusedDocumentError:
            # An address that is gone may also be told as an id that names nothing.
            return
