"""Reads the amounts and taxes of an order input in the order's currencies. Must not know what they are paid for.

Source: reference §4.1. The messages for money in a wrong currency are not recorded anywhere: ours name the rule.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from crossdock.sandbox.shopify.money_bag import ZERO, MoneyBag, no_money
from crossdock.sandbox.shopify.order_parts import TaxLine
from crossdock.sandbox.shopify.records import UserError, Wire


class OrderRefusedError(Exception):
    """An input that breaks at least one rule; nothing was stored."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


class AmountReader:
    """Reads money bags of one order and collects what is wrong with them."""

    def __init__(self, given: Mapping[str, Wire], shop_currency: str) -> None:
        self.currency: str = given.get("currency") or shop_currency
        self.presentment: str = given.get("presentmentCurrency") or self.currency
        self.errors: list[UserError] = []
        self._rate = _implied_rate(given, self.presentment) if self.presentment != self.currency else Decimal(1)

    @property
    def zero(self) -> MoneyBag:
        """Answer no money, in the order's currencies."""
        return no_money(self.currency, self.presentment)

    def refuse(self, path: Sequence[str], message: str, code: str = "INVALID") -> None:
        """Note a broken rule."""
        self.errors.append(UserError([*path], message, code))

    def bag(self, given: Mapping[str, Wire] | None, path: Sequence[str], *, may_be_negative: bool = False) -> MoneyBag:
        """Read a `MoneyBagInput`; what wasn't given in the customer's currency follows the order's implied rate."""
        if given is None:
            return self.zero
        shop, shown = given["shopMoney"], given.get("presentmentMoney")
        if shop["currencyCode"] != self.currency:
            self.refuse([*path, "shopMoney"], f"Shop money must be in the currency of the order, {self.currency}")
        if shown is not None and shown["currencyCode"] != self.presentment:
            self.refuse(
                [*path, "presentmentMoney"],
                f"Presentment money must be in the presentment currency of the order, {self.presentment}",
            )
        amount: Decimal = shop["amount"]
        if amount < ZERO and not may_be_negative:
            self.refuse([*path], "Price must be greater than or equal to 0")
        return self.zero.of(amount, shown["amount"] if shown is not None else amount * self._rate)

    def taxes(self, given: Sequence[Mapping[str, Wire]] | None, path: Sequence[str]) -> tuple[TaxLine, ...]:
        """Read tax lines exactly as given: nothing is computed."""
        return tuple(
            TaxLine(one["title"], one["rate"], self.bag(one.get("priceSet"), [*path, "taxLines", str(index)]))
            for index, one in enumerate(given or ())
        )


def _implied_rate(given: Mapping[str, Wire], presentment: str) -> Decimal:
    for bag in _bags(given):
        shop, shown = bag["shopMoney"], bag.get("presentmentMoney")
        if shown is not None and shown["currencyCode"] == presentment and shop["amount"]:
            return shown["amount"] / shop["amount"]
    return Decimal(1)


def _bags(given: Mapping[str, Wire]) -> Iterator[Mapping[str, Wire]]:
    for line in (*(given.get("lineItems") or ()), *(given.get("shippingLines") or ())):
        if line.get("priceSet"):
            yield line["priceSet"]
    for made in given.get("transactions") or ():
        yield made["amountSet"]
