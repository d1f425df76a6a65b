"""WordPress's text rules, as sections 3.1, 3.2 and 3.7 of the WooCommerce reference observe them."""

import asyncio
from random import Random

import pytest

from crossdock.sandbox.woocommerce.request import parse_php
from crossdock.sandbox.woocommerce.service import ServiceDesk
from crossdock.sandbox.woocommerce.sites import guess_timezone
from crossdock.sandbox.woocommerce.store import StoreModes
from crossdock.sandbox.woocommerce.text import (
    clean_name,
    drop_slashes,
    generate_username,
    is_email,
    sanitize_email,
    sanitize_username,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.co", True),
        ("O'Brien+x@mail.example.com", True),
        ("ada@xn--bcher-kva.example", True),
        ("ada@bücher.example", False),
        ("ä@example.com", False),
        ("ada@example", False),
        ("ada@example..com", False),
        ("ada@-example.com", False),
        ("ada@ example.com", False),
        ('"ada"@example.com', False),
        ("a@b.c", False),
        ("", False),
        ("zz", False),
    ],
)
def test_what_wordpress_takes_for_an_email(value: str, expected: object) -> None:
    assert is_email(value) is expected


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("ada@example.com", "ada@example.com"),
        (" ada @exa mple.com ", "ada@example.com"),
        ("ädä@example.com", "d@example.com"),
        ("zz", ""),
        ("", ""),
        ("ada@", ""),
    ],
)
def test_what_is_left_of_an_email(value: str, left: str) -> None:
    assert sanitize_email(value) == left


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("Tom & Ann", "Tom &amp; Ann"),
        ("Tom &amp; Ann", "Tom &amp; Ann"),
        ("<b>Ada</b>", "Ada"),
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("1 < 2", "1 &lt; 2"),
        ("A \\ B", "A  B"),
        ("=1+1", "=1+1"),
        ("𠮷田 🌷", "𠮷田 🌷"),
    ],
)
def test_what_a_name_reads_back_as(value: str, stored: str) -> None:
    assert clean_name(value) == stored


def test_a_doubled_backslash_leaves_one() -> None:
    assert drop_slashes("a\\\\b\\c") == "a\\bc"


def test_usernames_are_transliterated() -> None:
    assert sanitize_username("çğş-Ada_1@x|y") == "cgs-Ada_1@xy"


def test_a_username_is_drawn_until_one_is_free() -> None:
    taken = {"ada", "ada-6311", "ada-6890"}
    first = generate_username("ada@example.com", taken.__contains__, Random(1))
    assert first not in taken
    assert first == generate_username("ada@example.com", taken.__contains__, Random(1))


def test_queries_are_parsed_as_php_does() -> None:
    pairs = [("a[]", "1"), ("a[]", "2"), ("b[x][y]", "3"), ("c.d", "4"), ("e", "5"), ("e", "6")]
    assert parse_php(pairs) == {"a": {"0": "1", "1": "2"}, "b": {"x": {"y": "3"}}, "c_d": "4", "e": "6"}


def test_a_sites_zone_is_guessed_from_its_records() -> None:
    records = [
        {"date_created": "2026-01-05T02:00:00", "date_created_gmt": "2026-01-05T10:00:00"},
        {"date_created": "2026-07-05T03:00:00", "date_created_gmt": "2026-07-05T10:00:00"},
    ]
    assert guess_timezone(records, "Europe/Istanbul") == "America/Los_Angeles"
    assert guess_timezone([], "Europe/Istanbul") == "Europe/Istanbul"


async def test_only_two_requests_are_at_work_at_once() -> None:
    desk = ServiceDesk(StoreModes(service_times=True))
    entered, leave = asyncio.Semaphore(0), asyncio.Event()
    at_work = 0

    async def work() -> None:
        nonlocal at_work
        async with desk.worker():
            at_work += 1
            entered.release()
            await leave.wait()
            at_work -= 1

    tasks = [asyncio.create_task(work()) for _ in range(3)]
    await entered.acquire()
    await entered.acquire()
    assert at_work == 2
    leave.set()
    await asyncio.gather(*tasks)
    assert not entered.locked()
