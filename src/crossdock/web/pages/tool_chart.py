"""The chart of missing records by month, as numbers for an SVG: the template only draws what stands here.

Owns the layout and the scale, by which one peak does not flatten the rest. It must not know what is counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

_TOP, _BASE = 16, 100
_UPPER, _LOWER, _BELOW = 14, 28, 4
"""How far below the bars names stand, in two lines, and what is left free under the last of them."""
_FEWEST_SLOTS = 12
"""Fewer bars than this would be as wide as a page."""
_BAR_SHARE = 0.62
_MOST_MONTHS = 48
_MOST_YEARS = 60
_PEAK = 8
"""From this many times the middle month on, a peak would flatten the others."""
_NAMES, _NARROW_NAMES = 26, 8
"""How many names have room below, on wide screens and on narrow ones."""
_ROUND = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Name:
    """What stands below a bar, at which height; `is_wide_only`: a narrow screen has no room for it."""

    text: str = ""
    y: int = 0
    is_wide_only: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in its slot. Places and widths are percent, so that text keeps its size; heights are pixels."""

    slot: float
    slot_width: float
    x: float
    width: float
    middle: float
    y: float
    height: float
    label: str
    name: Name
    year: Name
    count: int
    href: str
    shows_count: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; `scale` says in words what the heights mean where they are not in proportion."""

    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    undated: int
    unit: str
    scale: str
    height: int
    base: int = _BASE
    top: int = _TOP


def make_chart(counts: Sequence[tuple[str, int]], href: Callable[[date, date], str]) -> Chart | None:
    """Lay out (`2024-01`, records) in order; None where no record has a date. `href` filters by a span of days."""
    by_month = {(int(month[:4]), int(month[5:7])): count for month, count in counts if month}
    undated = sum(count for month, count in counts if not month)
    if not by_month:
        return None
    spans = _months(by_month)
    unit = "month"
    if len(spans) > _MOST_MONTHS:
        spans, unit = _years(by_month), "year"
    values = [count for *_, count in spans]
    middle = sorted(value for value in values if value)[len([v for v in values if v]) // 2]
    is_rooted = max(values) > _PEAK * middle
    scale = "Heights grow with the square root, so that small months stay visible." if is_rooted else ""
    bars = _bars(spans, unit, href, rooted=is_rooted)
    return Chart(
        bars=tuple(bars),
        grid=tuple(_grid(max(values), rooted=is_rooted)),
        undated=undated,
        unit=unit,
        scale=scale.replace("months", f"{unit}s"),
        height=max(name.y for bar in bars for name in (bar.name, bar.year)) + _BELOW,
    )


_Span = tuple[date, date, int]


def _months(by_month: Mapping[tuple[int, int], int]) -> list[_Span]:
    first, last = min(by_month), max(by_month)
    numbers = range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])
    return [(_first_day(n), _first_day(n + 1), by_month.get((n // 12, n % 12 + 1), 0)) for n in numbers]


def _years(by_month: Mapping[tuple[int, int], int]) -> list[_Span]:
    last = max(year for year, _ in by_month)
    # A wrong clock can date a record in the year 1: the latest years are drawn, the first of them with all before.
    first = max(min(year for year, _ in by_month), last - _MOST_YEARS + 1)
    sums = dict.fromkeys(range(first, last + 1), 0)
    for (year, _), count in by_month.items():
        sums[max(year, first)] += count
    return [(date(year, 1, 1), date(min(year + 1, 9999), 1, 1), count) for year, count in sums.items()]


def _first_day(number: int) -> date:
    return date(min(max(number // 12, 1), 9999), number % 12 + 1, 1)


def _part(count: int, most: int, *, rooted: bool) -> float:
    part = count / most if most else 0.0
    return math.sqrt(part) if rooted else part


def _bars(spans: Sequence[_Span], unit: str, href: Callable[[date, date], str], *, rooted: bool) -> list[Bar]:
    most = max(count for *_, count in spans)
    slots = max(len(spans), _FEWEST_SLOTS)
    step = 100 / slots
    bars: list[Bar] = []
    for place, (first, after, count) in enumerate(spans):
        height = max(_part(count, most, rooted=rooted) * (_BASE - _TOP), 1.5 if count else 0)
        name, year = _names(place, slots, first, unit)
        bars.append(
            Bar(
                slot=round(step * place, 3),
                slot_width=round(step, 3),
                x=round(step * (place + (1 - _BAR_SHARE) / 2), 3),
                width=round(step * _BAR_SHARE, 3),
                middle=round(step * (place + 0.5), 3),
                y=round(_BASE - height, 1),
                height=round(height, 1),
                label=f"{first:%b %Y}" if unit == "month" else str(first.year),
                name=name,
                year=year,
                count=count,
                href=href(first, after),
                shows_count=count == most,
            )
        )
    return bars


def _names(place: int, slots: int, first: date, unit: str) -> tuple[Name, Name]:
    """Name a bar, and the year that begins with it, as far as there is room."""
    upper, lower = _BASE + _UPPER, _BASE + _LOWER
    is_wide_only = place % math.ceil(slots / _NARROW_NAMES) > 0
    if unit == "year":
        is_named = place % math.ceil(slots / _NAMES) == 0
        return Name(str(first.year), upper, is_wide_only) if is_named else Name(), Name()
    has_months = slots <= _NAMES
    name = Name(f"{first:%b}", upper, is_wide_only) if has_months else Name()
    is_new_year = first.month == 1 or place == 0
    year = Name(str(first.year), lower if has_months else upper, first.month > 1) if is_new_year else Name()
    return name, year


def _grid(most: int, *, rooted: bool) -> list[tuple[float, int]]:
    """Give the lines at round numbers, with what they stand for: two where heights are not in proportion."""
    if rooted:
        values = {_round_below(most / 5), _round_below(most)}
    else:
        step = _round_below(most / 2)
        values = set(range(step, most + 1, step))
    return [(round(_BASE - _part(value, most, rooted=rooted) * (_BASE - _TOP), 1), value) for value in sorted(values)]


def _round_below(number: float) -> int:
    """Give the largest of 1, 2, 5, 10, 20, 50 and so on that is no larger; 1 at least."""
    if number < 1:
        return 1
    power = 10 ** math.floor(math.log10(number))
    return max(part * power for part in _ROUND if part * power <= number)
