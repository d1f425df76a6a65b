"""Rounding and sharing out of amounts, so that the parts add up to the whole to the cent.

Owns the arithmetic. Must not know what the amounts are for.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from crossdock.domain.money import Money, exponent


def rounded_to_sum(exact: Sequence[Decimal], whole: Money) -> list[Money]:
    """Round amounts to the cent so that they add up to `whole`: those nearest to the next cent get it.

    Where the exact amounts are further from `whole` than rounding can explain, each is rounded for itself.
    """
    quantum = Decimal(1).scaleb(-exponent(whole.currency))
    plain = [Money.of(amount, whole.currency) for amount in exact]
    missing = int((whole.amount - sum((money.amount for money in plain), Decimal(0))) / quantum)
    if missing == 0 or abs(sum(exact, Decimal(0)) - whole.amount) > quantum * len(exact):
        return plain
    lows = [amount.quantize(quantum, rounding=ROUND_FLOOR) for amount in exact]
    missing = int((whole.amount - sum(lows, Decimal(0))) / quantum)
    # Amounts that were whole cents to begin with are the last to be touched.
    order = sorted(range(len(exact)), key=lambda at: lows[at] - exact[at])
    if not 0 <= missing <= len(order):
        return plain
    for at in order[:missing]:
        lows[at] += quantum
    return [Money(low, whole.currency) for low in lows]


def shared(amount: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Share out an amount in proportion to weights (none negative), exactly; without weights all falls on the first."""
    heavy = sum(weights, Decimal(0))
    if not weights:
        return []
    if heavy == 0:
        return [amount, *(Money.of(0, amount.currency) for _ in weights[1:])]
    return rounded_to_sum([amount.amount * weight / heavy for weight in weights], amount)


def taken_from(amount: Money, parts: Sequence[Money]) -> list[Money] | None:
    """Take an amount off parts in proportion to them, none below zero; gives what is left, None where it is too much.

    Parts that are negative already are left as they are.
    """
    weights = [max(part.amount, Decimal(0)) for part in parts]
    if amount.amount > sum(weights, Decimal(0)):
        return None
    return [part - share for part, share in zip(parts, shared(amount, weights), strict=True)]
