"""The two stores of a pair as a tool page shows them: names, roles, record counts, and the zone of times.

Owns what a page says of a store, also of one that does not answer. It must not know a platform.
"""

import asyncio
from dataclasses import dataclass

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError
from crossdock.state import Run
from crossdock.web.pages.tool_words import Formats

_PATIENCE_SECONDS = 2.0
_LETTERS = 2


@dataclass(frozen=True, slots=True)
class StoreCard:
    """A store in its role. `short` are the two letters that stand for its platform; `facts` are short texts."""

    platform: str
    title: str
    short: str
    name: str = ""
    host: str = ""
    count: int | None = None
    facts: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Direction:
    """From where to where. `formats` writes times in the source store's zone."""

    source: StoreCard
    destination: StoreCard
    formats: Formats


async def stores_of(services: Services, pair: str, source: str, kind: str) -> Direction:
    """Ask both stores who they are and how many records they have."""
    names = [source, *(name for name in services.platforms if name != source)]
    faces = await asyncio.gather(*(services.inspection.face(pair, name, kind) for name in names))
    cards = [_card(services, name) for name in names]
    formats = Formats()
    for place, face in enumerate(faces):
        if face.info is None:
            cards[place] = _card(services, names[place], problem=face.problem)
            continue
        info = face.info
        facts = (info.api_version, info.currency, info.time_zone)
        cards[place] = _card(
            services,
            names[place],
            name=info.name,
            host=info.url.partition("://")[2] or info.url,
            count=face.count,
            facts=tuple(fact for fact in facts if fact),
        )
        formats = Formats.of_zone(info.time_zone) if place == 0 else formats
    return Direction(cards[0], cards[1], formats)


async def direction_of(services: Services, run: Run) -> Direction:
    """Name the stores of a run; one that does not answer at once is named by what the run knows of it."""
    other = next(name for name in services.platforms if name != run.source_platform)
    source, destination = await asyncio.gather(
        _named(services, run, run.source_platform, run.source_store),
        _named(services, run, other, run.destination_store),
    )
    return Direction(source[0], destination[0], Formats.of_zone(source[1]))


async def _named(services: Services, run: Run, platform: str, key: str) -> tuple[StoreCard, str]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await services.connections.get(run.pair, platform)
    except (CrossdockError, TimeoutError):
        connection = None
    if connection is None:
        return _card(services, platform, host=key), "UTC"
    name = str(connection.info.get("name") or "")
    host = str(connection.info.get("url") or key).partition("://")[2] or key
    return _card(services, platform, name=name, host=host), str(connection.info.get("timeZone") or "UTC")


def _card(
    services: Services,
    platform: str,
    *,
    name: str = "",
    host: str = "",
    count: int | None = None,
    facts: tuple[str, ...] = (),
    problem: str = "",
) -> StoreCard:
    title = services.platforms[platform].title
    capitals = "".join(letter for letter in title if letter.isupper())
    short = (capitals if len(capitals) >= _LETTERS else title)[:_LETTERS].upper()
    return StoreCard(platform, title, short, name, host, count, facts, problem)
