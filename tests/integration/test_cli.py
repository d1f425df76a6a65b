"""The command line as a user meets it: a process of its own, its two streams, its exit code."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox

CROSSDOCK = str(Path(sys.executable).with_name("crossdock"))
SOURCE = ("--source-of-truth", "woocommerce")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stores() -> Generator[Sandbox]:
    """Serve one pair of stores on a free port."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=24, orders=30))
    with serving.serving(sandbox.app, listener):
        yield sandbox


@pytest.fixture
def environ(stores: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Give the variables that connect both stores, as the README tells a user to set them."""
    keys = stores.keys[0]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    return inherited | {
        "CROSSDOCK_DATA_DIR": str(tmp_path / "data"),
        "CROSSDOCK_WOOCOMMERCE_URL": keys.woo_url,
        "CROSSDOCK_WOOCOMMERCE_KEY": keys.consumer_key,
        "CROSSDOCK_WOOCOMMERCE_SECRET": keys.consumer_secret,
        "CROSSDOCK_SHOPIFY_DOMAIN": keys.shopify_domain,
        "CROSSDOCK_SHOPIFY_BASE_URL": keys.shopify_base_url,
        "CROSSDOCK_SHOPIFY_TOKEN": keys.shopify_token,
        "CROSSDOCK_LOOK_GAP_SECONDS": "0.1",
        "CROSSDOCK_MAIL_DELAY_SECONDS": "0",
        "CROSSDOCK_FINISH_DELAY_SECONDS": "0.1",
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Give what runs a command to its end."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [CROSSDOCK, *arguments],
            env=environ | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in ended.stderr
        return ended

    return run


@contextmanager
def _serving(environ: dict[str, str], *arguments: str) -> Generator[str]:
    """Run a command that serves until it is told to stop; gives its address."""
    command = [CROSSDOCK, *arguments, "--port", "0"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().split()[-1]
        finally:
            process.terminate()
        assert "Traceback" not in process.stderr.read()


def _json(ended: subprocess.CompletedProcess[str]) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(ended.stdout)


def test_variables_alone_are_enough_to_compare_and_sync(run: Run, stores: Sandbox) -> None:
    compared = run("compare", "customers", *SOURCE, "--json")
    assert compared.returncode == 0, compared.stderr
    differences = _json(compared)["differences"]
    synced = run("sync", "customers", *SOURCE, "--all", "--yes", "--json")
    body = _json(synced)
    assert synced.returncode == (1 if body["summary"]["failed"] else 0)
    assert {result["sourceCustomerId"] for result in body["results"]} == {
        row["sourceCustomerId"] for row in differences
    }
    assert body["summary"]["succeeded"] > 0
    assert stores.pairs[0].shopify.state()["mails"] == 0
    again = _json(run("compare", "customers", *SOURCE, "--json"))
    assert len(again["differences"]) == body["summary"]["failed"]


def test_progress_goes_to_the_other_stream_as_plain_lines(run: Run) -> None:
    ended = run("compare", "customers", *SOURCE)
    assert "Only in source" in ended.stdout
    assert "reading" in ended.stderr.splitlines()
    assert "\x1b" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_what_is_printed_as_json_is_the_apis_body(run: Run, environ: dict[str, str], kind: str) -> None:
    compared = _json(run("compare", kind, "--source-of-truth", "shopify", "--json"))
    synced = _json(run("sync", kind, "--source-of-truth", "shopify", "--all", "--yes", "--json"))
    listed = _json(run("runs", "list", "--json"))
    with _serving(environ, "serve") as address, httpx2.Client(base_url=address) as client:
        for member, group in (("differences", "onlyInSource"), ("fieldDifferences", "fieldDifferences")):
            shown = client.get(
                f"/api/runs/{compared['runId']}/differences", params={"group": group, "pageSize": 500}
            ).json()
            assert compared[member] == shown["differences"]
        shown = client.get(f"/api/runs/{synced['runId']}/results", params={"pageSize": 500}).json()
        assert synced["results"] == shown["results"]
        assert listed["runs"] == client.get("/api/runs").json()["runs"]


def test_listed_customers_are_synced_and_a_wrong_one_fails_alone(run: Run, tmp_path: Path) -> None:
    rows = _json(run("compare", "customers", *SOURCE, "--json"))["differences"][:2]
    file = tmp_path / "ids.csv"
    file.write_text("\n".join(f"{row['sourceCustomerId']},{row['email']}" for row in rows), encoding="utf-8")
    ended = run(
        "sync", "customers", *SOURCE, "--ids-file", str(file), "--id", "999999999,gone@example.com", "--yes", "--json"
    )
    body = _json(ended)
    assert ended.returncode == 1
    codes = {result["sourceCustomerId"]: result.get("code") for result in body["results"]}
    assert codes.pop("999999999") == "source_not_found"
    assert set(codes) == {row["sourceCustomerId"] for row in rows}


def test_orders_are_synced_as_orders_and_the_sums_are_shown(run: Run, stores: Sandbox) -> None:
    lost = run("sync", "orders", *SOURCE, "--all", "--create-as", "order", "--dry-run")
    assert lost.returncode == 0, lost.stderr
    assert "What will not be carried over:" in lost.stdout
    before = stores.pairs[0].shopify.state()
    ended = run("sync", "orders", *SOURCE, "--all", "--create-as", "order", "--no-create-missing-customers", "--yes")
    assert ended.returncode in {0, 1}, ended.stderr
    assert re.search(r"^Reconciliation in [A-Z]{3}, records: \d+$", ended.stdout, re.MULTILINE)
    gross = re.findall(r"^Gross +(\S+) +(\S+) +(\S+)$", ended.stdout, re.MULTILINE)
    assert gross
    assert all(source == destination and not Decimal(difference) for source, destination, difference in gross)
    after = stores.pairs[0].shopify.state()
    assert after["orders"] > before["orders"]
    assert (after["drafts"], after["mails"], after["stockChanges"]) == (before["drafts"], 0, 0)


def test_listed_orders_are_named_by_their_numbers(run: Run) -> None:
    row = _json(run("compare", "orders", *SOURCE, "--json"))["differences"][0]
    right, wrong = (f"{row['sourceOrderId']},{number}" for number in (row["orderNumber"], "no-such-number"))
    refused = _json(run("sync", "orders", *SOURCE, "--id", wrong, "--yes", "--json"))
    assert refused["results"][0]["code"] == "source_changed"
    made = _json(run("sync", "orders", *SOURCE, "--id", right, "--yes", "--json"))
    assert made["results"][0]["newOrderId"].startswith("gid://shopify/DraftOrder/")


def test_what_narrows_a_comparison_narrows_a_sync_of_all(run: Run) -> None:
    compared = _json(run("compare", "customers", *SOURCE, "--created-after", "2100-01-01", "--json"))
    assert compared["differences"] == []
    synced = run("sync", "customers", *SOURCE, "--all", "--created-after", "2100-01-01", "--yes", "--json")
    assert (synced.returncode, _json(synced)["summary"]["total"]) == (0, 0)


def test_an_export_takes_the_lists_filters(run: Run) -> None:
    compared = _json(run("compare", "customers", *SOURCE, "--json"))
    newest = max(row["createdAt"] for row in compared["differences"])
    older = [row["email"] for row in compared["differences"] if row["createdAt"] < newest]
    narrowed = ("--where", f"createdBefore={newest}", "--sort", "email", "--direction", "asc")
    rows = list(csv.DictReader(io.StringIO(run("export", compared["runId"], *narrowed).stdout)))
    assert 0 < len(rows) < len(compared["differences"])
    assert [row["E-mail"] for row in rows] == sorted(older, key=str.lower)
    refused = run("export", compared["runId"], "--where", "hasWings=true")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_whoever_has_no_address_has_none_in_results(run: Run, tmp_path: Path) -> None:
    shopify = ("--source-of-truth", "shopify")
    environ = {"CROSSDOCK_DATA_DIR": str(tmp_path / "other")}
    listed = _json(run("compare", "customers", *shopify, "--json", **environ))["differences"]
    body = _json(run("sync", "customers", *shopify, "--all", "--yes", "--json", **environ))
    addresses = {row["sourceCustomerId"]: row["email"] for row in listed}
    assert {row["sourceCustomerId"]: row["email"] for row in body["results"]} == addresses
    nameless = [row for row in body["results"] if row.get("code") == "email_missing"]
    assert {row["email"] for row in nameless} <= {""}
    exported = run("export", body["runId"], "--results", **environ)
    assert [row["E-mail"] for row in csv.DictReader(io.StringIO(exported.stdout))] == [
        row["email"] for row in body["results"]
    ]


def test_whoever_is_asked_is_told_first_what_will_be_lost(environ: dict[str, str], stores: Sandbox) -> None:
    terminal, theirs = pty.openpty()
    os.write(terminal, b"n\n")
    ended = subprocess.run(
        [CROSSDOCK, "sync", "orders", *SOURCE, "--all"],
        env=environ,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(terminal)
    os.close(theirs)
    assert "What will not be carried over:" in ended.stdout
    assert "created_as_draft" in ended.stdout
    assert "No customer is mailed" in ended.stderr
    assert ended.returncode == 130
    assert stores.pairs[0].shopify.state()["drafts"] == 0


def test_a_dry_run_needs_no_yes_and_writes_nothing(run: Run, stores: Sandbox) -> None:
    before = stores.pairs[0].shopify.state()["customers"]
    ended = run("sync", "customers", *SOURCE, "--all", "--dry-run", "--json")
    assert any(result.get("payload") for result in _json(ended)["results"])
    assert stores.pairs[0].shopify.state()["customers"] == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "customers"),
        ("compare", "customers", "--source-of-truth", "magento"),
        ("compare", "customers", *SOURCE, "--created-after", "soon"),
        ("sync", "customers", *SOURCE, "--all"),
        ("sync", "customers", *SOURCE, "--yes"),
        ("sync", "customers", *SOURCE, "--yes", "--all", "--id", "1,a@example.com"),
        ("sync", "customers", *SOURCE, "--yes", "--id", "1"),
        ("runs", "show", "nothing"),
        ("connect", "woocommerce", "--secret-file", "colour=x", "--pair", "default"),
        ("sync", "customers", *SOURCE, "--yes", "--id", "1,a@example.com", "--include-guests"),
        ("export", "nothing", "--results", "--search", "a"),
        ("demo", "--json"),
        ("compare", "orders", *SOURCE, "--match-window-hours", "long"),
        ("sync", "orders", *SOURCE, "--all", "--yes", "--create-as", "invoice"),
        ("sync", "orders", *SOURCE, "--yes", "--id", "1,1001", "--number-prefix", "P" * 30),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two_and_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert ended.stderr.strip()


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("CROSSDOCK_WOOCOMMERCE_KEY", "ck_" + "0" * 40, "key_invalid"),
        ("CROSSDOCK_SHOPIFY_TOKEN", "shpat_" + "0" * 32, "token_invalid"),
        ("CROSSDOCK_WOOCOMMERCE_URL", "http://127.0.0.1:9", "connect_failed"),
    ],
)
def test_a_store_that_refuses_ends_with_three_and_its_code(run: Run, variable: str, value: str, code: str) -> None:
    ended = run("compare", "customers", *SOURCE, "--json", **{variable: value})
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.strip().splitlines()[-1].endswith(f"[{code}]")
    assert value not in ended.stderr


def test_a_wrong_setting_is_named_without_its_value(run: Run) -> None:
    ended = run("runs", "list", CROSSDOCK_PORT="secret-port")
    assert ended.returncode == 2
    assert "CROSSDOCK_PORT" in ended.stderr
    assert "secret-port" not in ended.stderr


def test_an_open_address_without_a_password_is_refused(run: Run) -> None:
    ended = run("serve", "--host", "0.0.0.0")  # noqa: S104 - what must be refused
    assert (ended.returncode, ended.stderr.strip().endswith("[address_open]")) == (2, True)


def test_the_stores_are_checked(run: Run) -> None:
    ended = run("check", "--json")
    assert ended.returncode == 0, ended.stderr
    assert {platform: found["ok"] for platform, found in _json(ended).items()} == {
        "woocommerce": True,
        "shopify": True,
    }


def test_a_store_is_connected_by_secrets_in_files(run: Run, stores: Sandbox, tmp_path: Path) -> None:
    keys = stores.keys[0]
    for name, secret in (("consumerKey", keys.consumer_key), ("consumerSecret", keys.consumer_secret)):
        (tmp_path / name).write_text(secret + "\n", encoding="utf-8")
    files = [f"--secret-file={name}={tmp_path / name}" for name in ("consumerKey", "consumerSecret")]
    ended = run(
        "connect", "woocommerce", "--set", f"url={keys.woo_url}", *files, "--json", CROSSDOCK_WOOCOMMERCE_URL=""
    )
    assert ended.returncode == 0, ended.stderr
    assert _json(ended)["isConnected"] is True
    assert keys.consumer_secret not in ended.stdout + ended.stderr


def test_runs_are_listed_shown_exported_and_undone(run: Run, stores: Sandbox) -> None:
    before = stores.pairs[0].shopify.state()["customers"]
    synced = _json(run("sync", "customers", *SOURCE, "--all", "--yes", "--json"))
    listed = _json(run("runs", "list", "--json"))
    assert [one["type"] for one in listed["runs"]] == ["sync", "compare"]
    assert synced["runId"] in run("runs", "list").stdout
    assert _json(run("runs", "show", synced["runId"], "--json")) == synced
    exported = run("export", listed["runs"][1]["runId"])
    assert len(list(csv.reader(io.StringIO(exported.stdout)))) == 1 + synced["summary"]["total"]
    results = run("export", synced["runId"], "--results")
    assert len(list(csv.reader(io.StringIO(results.stdout)))) == 1 + synced["summary"]["total"]
    undone = run("runs", "undo", synced["runId"], "--json")
    assert undone.returncode == 0, undone.stderr
    assert stores.pairs[0].shopify.state()["customers"] == before


def test_no_mail_is_held_back_afterwards(run: Run) -> None:
    run("sync", "customers", "--source-of-truth", "shopify", "--all", "--yes", "--json")
    assert _json(run("mute", "status", "--json")) == {"mutes": []}
    assert run("mute", "restore").stdout == "No mail is held back.\n"


def test_the_demo_migrates_both_ways_and_explains_what_is_left(run: Run) -> None:
    ended = run("demo", "--once", "--json", "--customers", "40", "--orders", "60")
    assert ended.returncode == 0, ended.stderr
    body = _json(ended)
    assert {name: body.pop(name) for name in ("mails", "stockChanges", "moneyMoved")} == {
        "mails": 0,
        "stockChanges": 0,
        "moneyMoved": 0,
    }
    assert list(body) == ["customers", "orders"]
    for kind, passages in body.items():
        assert set(passages) == {"woocommerce_to_shopify", "shopify_to_woocommerce"}
        for passage in passages.values():
            assert set(passage) == {"before", "sync", "after"}
            assert passage["before"][f"{kind}OnlyInSource"] == passage["sync"]["total"] > 0
            assert passage["after"][f"{kind}OnlyInSource"] <= passage["sync"]["failed"]


def test_the_demo_serves_and_stops(environ: dict[str, str]) -> None:
    with _serving(environ, "demo", "--no-open", "--customers", "10") as address:
        answer = httpx2.post(f"{address}/api/customers/compare", json={"sourceOfTruth": "shopify"}, timeout=60)
        assert answer.json()["summary"]["sourceCustomerCount"] > 0
