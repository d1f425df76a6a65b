"""The chart of missing records by month, as numbers for an SVG: the template only draws what stands here.

Owns the layout and the scale, by which one peak does not flatten the rest. It must not know what is counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 1152, 132
_LEFT, _TOP, _BASE = 34, 16, 100
_MOST_MONTHS = 48
_MOST_YEARS = 60
_PEAK = 8
"""From this many times the middle month on, a peak would flatten the others."""
_NAMED = 26
"""Up to this many bars each has its name below."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its place, its name, and the first day of its span and of the next one."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    under: str
    year: str
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
    left: int = _LEFT
    width: int = WIDTH
    height: int = HEIGHT
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
    return Chart(
        bars=tuple(_bars(spans, unit, href, rooted=is_rooted)),
        grid=tuple(_grid(max(values), rooted=is_rooted)),
        undated=undated,
        unit=unit,
        scale=scale.replace("months", f"{unit}s"),
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
    step = (WIDTH - _LEFT) / len(spans)
    width = min(step * 0.62, 40.0)
    bars: list[Bar] = []
    for place, (first, after, count) in enumerate(spans):
        height = _part(count, most, rooted=rooted) * (_BASE - _TOP)
        middle = _LEFT + step * (place + 0.5)
        is_named = len(spans) <= _NAMED or unit == "year"
        is_new_year = unit == "month" and (first.month == 1 or place == 0)
        bars.append(
            Bar(
                x=round(middle - width / 2, 1),
                y=round(_BASE - max(height, 1.5 if count else 0), 1),
                width=round(width, 1),
                height=round(max(height, 1.5 if count else 0), 1),
                middle=round(middle, 1),
                label=f"{first:%b %Y}" if unit == "month" else str(first.year),
                under=(f"{first:%b}" if unit == "month" else str(first.year)) if is_named else "",
                year=str(first.year) if is_new_year else "",
                count=count,
                href=href(first, after),
                shows_count=count == most,
            )
        )
    return bars


def _grid(most: int, *, rooted: bool) -> list[tuple[float, int]]:
    """Give two lines, at half and whole height, with what they stand for."""
    parts = (0.25, 1.0) if rooted else (0.5, 1.0)
    values = sorted({max(1, round(most * part)) for part in parts})
    return [(round(_BASE - _part(value, most, rooted=rooted) * (_BASE - _TOP), 1), value) for value in values]
