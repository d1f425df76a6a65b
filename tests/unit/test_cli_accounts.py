"""What a sync says of all its records together, and the verdict on a rehearsal."""

from collections.abc import Mapping
from typing import Any

import pytest

from crossdock.cli.accounts import print_accounts
from crossdock.cli.exits import ExitCode
from crossdock.cli.figures import figure_rows
from crossdock.cli.rehearsal import Effects, effects_of, verdict

LINE: dict[str, Any] = {
    "currency": "EUR",
    "records": 2,
    "source": {"gross": "30.00", "tax": "4.79"},
    "destination": {"gross": "29.99", "tax": "4.79"},
    "difference": {"gross": "-0.01", "tax": "0.00"},
}
LOSS = {"code": "tax_in_fees", "level": "warning", "message": "Taxes become\x1b[2J fee lines.", "count": 7}


def test_the_sums_of_both_stores_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    print_accounts({"total": 2, "reconciliation": [LINE]})
    lines = capsys.readouterr().out.splitlines()
    assert "Reconciliation in EUR, records: 2" in lines
    assert [line.split() for line in lines[-2:]] == [
        ["Gross", "30.00", "29.99", "-0.01"],
        ["Tax", "4.79", "4.79", "0.00"],
    ]


@pytest.mark.parametrize("member", ["losses", "warnings"])
def test_reasons_are_told_with_how_many_records_have_them(member: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_accounts({member: [LOSS]})
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split()[:2] == ["7", "tax_in_fees"]
    assert "\x1b" not in last


def test_a_sync_without_amounts_says_nothing_of_money(capsys: pytest.CaptureFixture[str]) -> None:
    print_accounts({"total": 3, "succeeded": 3, "failed": 0, "warnings": []})
    assert capsys.readouterr().out == ""


def test_figures_of_any_kind_have_the_same_words() -> None:
    found = {"sourceOrderCount": 9, "destinationOrderCount": 8, "matchedOrders": 7, "ordersOnlyInSource": 2}
    more = {"ordersOnlyInDestination": 1, "matchedAsDraft": 3, "matchedWithOtherRole": 0, "matchedBy": {"number": 7}}
    assert figure_rows({**more, **found}) == [
        ("In source", 9),
        ("In destination", 8),
        ("In both", 7),
        ("Only in source", 2),
        ("Only in destination", 1),
        ("In both, a draft there", 3),
    ]


QUIET: Mapping[str, Any] = {"mails": 0, "stockChanges": 0}


@pytest.mark.parametrize(
    ("woo", "shopify", "effects"),
    [
        ({}, {}, Effects(0, 0, 0)),
        ({"mails": {"sent": {"new_order": 2}, "suppressed": {"x": 5}}}, {"mails": 1}, Effects(3, 0, 0)),
        ({"stockChanges": 2}, {"stockChanges": 3}, Effects(0, 5, 0)),
        ({"money": {"stripe": "12.50", "paypal": "0"}}, {"money": "-3.00"}, Effects(0, 0, 2)),
    ],
    ids=["nothing", "mails", "stock", "money"],
)
def test_what_happened_beside_the_records_is_counted(
    woo: Mapping[str, Any], shopify: Mapping[str, Any], effects: Effects
) -> None:
    assert effects_of([{**QUIET, **woo}, {**QUIET, **shopify}]) == effects


@pytest.mark.parametrize(
    ("is_explained", "effects", "code"),
    [
        (True, Effects(0, 0, 0), ExitCode.DONE),
        (False, Effects(0, 0, 0), ExitCode.RECORDS_FAILED),
        (True, Effects(1, 0, 0), ExitCode.RECORDS_FAILED),
        (True, Effects(0, 1, 0), ExitCode.RECORDS_FAILED),
        (True, Effects(0, 0, 1), ExitCode.RECORDS_FAILED),
    ],
)
def test_a_rehearsal_is_good_only_without_anything_unexplained(
    is_explained: bool,  # noqa: FBT001 - a parameter of the test
    effects: Effects,
    code: ExitCode,
) -> None:
    assert verdict([True, is_explained], effects) is code
