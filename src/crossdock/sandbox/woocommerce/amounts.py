"""Own how the store reads, rounds and writes decimal text: PHP's ways, never a binary float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# WooCommerce computes with at least six decimals before it rounds (WC_ROUNDING_PRECISION).
_PRECISION = 6
_DIGITS = 18


def decimal(value: object) -> Decimal:
    """Return an amount as a number; what is none, or has more digits than money has, counts as zero."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else Decimal(0)


def rounded(value: Decimal, places: int) -> Decimal:
    """Return a number rounded half away from zero, as PHP rounds."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def fixed(value: object, places: int) -> str:
    """Return an amount as text with exactly that many decimals."""
    number = rounded(decimal(value), places)
    return f"{number or abs(number):f}"


def plain(value: Decimal) -> str:
    """Return a number as text without padding, to the precision that the store computes with."""
    text = f"{rounded(value, _PRECISION):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def number(value: float) -> float:
    """Return a number as PHP's JSON writes it: whole ones without a fraction."""
    return int(value) if float(value).is_integer() else value
