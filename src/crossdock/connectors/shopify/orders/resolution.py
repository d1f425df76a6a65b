"""Looking up what the plans of orders need of the store: customers, products, numbers.

Owns the choice of an order's name, and what is remembered for one run: names that it has given away, and the default
address that each customer had before. It must not know how a lookup is done.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.orders.buyers import Buyers
from crossdock.connectors.shopify.orders.lookup import MOST_AT_ONCE, OrderLookup
from crossdock.connectors.shopify.orders.losses import ambiguous_skus, missing_skus
from crossdock.connectors.shopify.orders.resolved import AS_DRAFT, AS_ORDER, Resolved
from crossdock.connectors.shopify.orders.terms import OrderTerms
from crossdock.connectors.shopify.variants import VariantLookup
from crossdock.domain.errors import RecordError, UnmappableValueError
from crossdock.domain.order import Order
from crossdock.domain.plan import Resolution

_PREFIX: Final = "W"
_ALWAYS_PREFIX: Final = "prefix"


class OrderResolution:
    """Resolves the orders of one store."""

    def __init__(self, variants: VariantLookup, terms: OrderTerms, lookup: OrderLookup, buyers: Buyers) -> None:
        self._variants = variants
        self._terms = terms
        self._lookup = lookup
        self._buyers = buyers
        self._holder = ""
        self._given: dict[str, str] = {}
        self._defaults: dict[str, str | None] = {}

    def begin(self, holder: str) -> None:
        """Forget what was remembered for another run than `holder`."""
        if holder != self._holder:
            self._holder = holder
            self._given.clear()
            self._defaults.clear()
            self._variants.forget()

    async def resolve(
        self, records: Sequence[Order], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution | RecordError]:
        """Look up what each record needs; a hundred records cost a handful of requests.

        Raises:
            TransientError, ConfigurationError, ContractViolationError: the store can't be asked.
        """
        is_order = options.get("createAs", AS_DRAFT) == AS_ORDER
        await self._ask_defaults([customers[record.id] for record in records if record.id in customers])
        skus = {line.sku for record in records for line in record.lines if line.sku}
        variants = await self._variants.by_sku(skus)
        names = await self._choose_names(records, options) if is_order else {}
        answers: list[Resolution | RecordError] = []
        for record in records:
            customer = customers.get(record.id, "")
            name, is_taken = names.get(record.id, ("", False))
            own = {line.sku: variants[line.sku] for line in record.lines if variants.get(line.sku)}
            resolved = Resolved(
                create_as=AS_ORDER if is_order else AS_DRAFT,
                customer=customer if customer in self._defaults else "",
                # A draft changes nobody's address.
                default_address=(self._defaults.get(customer) or "") if is_order else "",
                variants={sku: ids[0] for sku, ids in own.items() if len(ids) == 1},
                ambiguous=tuple(sku for sku, ids in own.items() if len(ids) > 1),
                name=name,
                is_number_taken=is_taken,
            )
            error = _lacking_product(record, resolved) if options.get("requireProducts") else None
            answers.append(error or resolved.to_json())
        return answers

    async def _ask_defaults(self, customers: Sequence[str]) -> None:
        """Remember the default address of customers who are new to this run; those who are gone are left out."""
        unknown = [customer for customer in dict.fromkeys(customers) if customer and customer not in self._defaults]
        self._defaults.update(await self._buyers.default_addresses(unknown))

    async def _choose_names(self, records: Sequence[Order], options: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
        """Give each record its name by its id, and whether that is not the one it should have, or not only its own.

        A number that the shop itself may give to an order later is never taken.
        """
        prefix = str(options.get("numberPrefix", _PREFIX))
        form = await self._terms.number_format()
        bare = {record.id: record.bare_number or record.number for record in records}
        prefixed = {record_id: form.name(f"{prefix}{number}") for record_id, number in bare.items()}
        wanted = dict(prefixed)
        if options.get("keepNumber") != _ALWAYS_PREFIX:
            next_number = await self._lookup.next_number()
            kept = {key: form.name(number) for key, number in bare.items() if _is_past(number, next_number)}
            wanted.update(kept)
        taken = await self._taken(wanted)
        second = {key: prefixed[key] for key in taken if prefixed[key] != wanted[key]}
        await self._taken(second)
        chosen = {**wanted, **second}
        return {key: (name, key in taken) for key, name in chosen.items()}

    async def _taken(self, names: Mapping[str, str]) -> set[str]:
        """Give the ids of records whose name another order has, and give the others away."""
        asked = list(dict.fromkeys(names.values()))
        in_shop: set[str] = set()
        for start in range(0, len(asked), MOST_AT_ONCE):
            in_shop |= await self._lookup.taken_names(asked[start : start + MOST_AT_ONCE])
        return {key for key, name in names.items() if name in in_shop or self._given.setdefault(name, key) != key}


def _is_past(number: str, next_number: int) -> bool:
    """Tell whether the shop will never give this number to an order by itself."""
    return not (number.isascii() and number.isdecimal()) or int(number) < next_number


def _lacking_product(record: Order, resolved: Resolved) -> RecordError | None:
    sku = next(missing_skus(record, resolved), None)
    if sku is not None:
        what = f"the SKU “{store_words(sku)}”" if sku else "a line of it, which has no SKU"
        return UnmappableValueError("product_missing", f"The Shopify store has no product for {what}.")
    sku = next(ambiguous_skus(record, resolved), None)
    if sku is not None:
        text = f"The Shopify store has several products with the SKU “{store_words(sku)}”."
        return UnmappableValueError("sku_ambiguous", text)
    return None
