"""How fast the lists of one million differences are, over HTTP from another process, and what the server holds.

Owns a comparison's result that the engine makes of invented snapshots, a server process over it, and one client. All
requests are warm; the server's two stores are a sandbox that is asked for its names alone.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.compare_engine import SUBJECTS, Subject, compare, invent
from benchmarks.sandbox import sandbox, variables
from crossdock.bootstrap import customer_tool, order_tool
from crossdock.compare.engine import CompareEngine
from crossdock.compare.spec import load_summary
from crossdock.jobs.compare_workflow import summarise
from crossdock.state import RunSpec, RunState, RunType, State

PAGE_ROWS = 50
_TOOLS = {tool.kind.plural: tool for tool in (customer_tool(), order_tool())}
_SLUGS = {"customers": "customer-sync", "orders": "order-sync"}
_SEARCHES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "e-mail begins, 1 hit": "person471101@*",
        "e-mail begins, many hits": "person47*",
        "e-mail begins, all": "p*",
        "part, few hits": "n471101@",
        "part, many hits": "mail47.",
        "part of a name": "last4711",
    },
    "orders": {
        "e-mail begins, 4 hits": "person47111@*",
        "e-mail begins, many hits": "person47*",
        "number begins, 1 hit": "471101*",
        "number begins, many hits": "4*",
        "part, few hits": "n47111@",
        "part, many hits": "mail47.",
    },
}
_SEARCHED_AIM, _PAGE_AIM = 500, 50
_GAP_SECONDS = 0.02
_MIB = 1024 * 1024


@dataclass(slots=True)
class Server:
    """A server process: its client, and how much memory it holds."""

    client: httpx2.Client
    pid: int
    runs: Mapping[str, str] = field(default_factory=dict[str, str])

    def resident_mib(self) -> int:
        """Give what it holds now, in MiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // _MIB


def measure_pages(records: int, requests: int = 50) -> Iterator[dict[str, Any]]:
    """Measure both kinds; gives one row for each thing as soon as it is measured."""
    with (
        sandbox("--customers", "2", "--orders", "0") as stores,
        tempfile.TemporaryDirectory() as folder,
    ):
        directory = Path(folder)
        runs = {plural: _make_result(directory, plural, records) for plural in _TOOLS}
        with _serve(variables(stores, stores, directory)) as server:
            server.runs = runs
            yield {"command": "server after start", "resident MiB": server.resident_mib()}
            for plural in _TOOLS:
                yield from _lists(server, plural, records, requests)
                yield from _files(server, plural)
                yield from _selection(server, plural, requests)
            yield {"command": "server in the end", "resident MiB": server.resident_mib()}
            yield from _sync_all(server, "customers")


def _make_result(directory: Path, plural: str, records: int) -> str:
    """Compare a full store with one that has none of its records, and enter that as a finished run."""
    tool, subject = _TOOLS[plural], SUBJECTS[plural]
    state = State.open(directory)
    try:
        spec = RunSpec(RunType.COMPARE, tool.kind.name, "default", "woocommerce", "shop.example", "shop.example.net")
        run = state.runs.create(spec).run
        lease = state.runs.claim(run.id, "benchmark", 3600)
        if lease is None:
            raise RuntimeError("the run can't be claimed")
        folder = directory / "runs" / run.id
        _compare(directory / "runs", folder, subject, records)
        found = load_summary(folder / "result")
        figures = summarise(run, tool, found.counts, found.figures)
        state.runs.finish(lease, RunState.DONE, summary=figures)
        return run.id
    finally:
        state.close()


def _compare(work_dir: Path, folder: Path, subject: Subject, records: int) -> None:
    engine = CompareEngine(work_dir)
    try:
        invent(engine, subject, folder / "source", records, shift=0)
        invent(engine, subject, folder / "destination", max(1, records // 10), shift=2 * records)
        compare(engine, subject, folder)
    finally:
        engine.close()


@contextmanager
def _serve(known: Mapping[str, str]) -> Generator[Server]:
    command = [str(Path(sys.executable).with_name("crossdock")), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(known))
    try:
        told = process.stderr.readline() if process.stderr is not None else ""
        with httpx2.Client(base_url=told.split()[-1], timeout=600) as client:
            yield Server(client, process.pid)
    finally:
        process.terminate()
        process.wait()


def _lists(server: Server, plural: str, records: int, requests: int) -> Iterator[dict[str, Any]]:
    """Time pages, sorts, searches and filters, as JSON and as HTML."""
    run_id = server.runs[plural]
    addresses = {
        "JSON": (f"/api/runs/{run_id}/differences", PAGE_ROWS),
        "HTML": (f"/{_SLUGS[plural]}/{run_id}", 25),
    }
    sorts = [(sort, way) for sort in _TOOLS[plural].compare.sorts for way in ("asc", "desc")]
    for form, (address, page_rows) in addresses.items():
        last = max(1, min(5000, records // page_rows))
        asked: dict[str, tuple[dict[str, str], int]] = {}
        for page in (1, last):
            for sort, way in sorts:
                asked[f"page {page} by {sort} {way}"] = {"sort": sort, "direction": way, "page": str(page)}, _PAGE_AIM
        for name, text in _SEARCHES[plural].items():
            asked[f"search: {name}"] = {"search": text}, _PAGE_AIM if text.endswith("*") else _SEARCHED_AIM
        asked["filter and sort"] = {"createdAfter": "2020-01-01", "sort": "email"}, _SEARCHED_AIM
        for name, (parameters, aim) in asked.items():
            times = _times(lambda given=parameters, at=address: _get(server, at, given), requests)
            yield {"command": f"{plural} {form} {name}", **times, "aim": aim}


def _files(server: Server, plural: str) -> Iterator[dict[str, Any]]:
    """Time exports of the whole list, and watch the server's memory meanwhile."""
    for given in ({}, {"sort": "email", "direction": "asc"}):
        before = server.resident_mib()
        with _watching(server) as seen:
            began, size = time.perf_counter(), 0
            address = f"/api/runs/{server.runs[plural]}/differences.csv"
            with server.client.stream("GET", address, params=given) as reply:
                for chunk in reply.iter_bytes():
                    size += len(chunk)
            seconds = time.perf_counter() - began
        yield {
            "command": f"{plural} CSV{' by ' + given['sort'] if given else ''}",
            "MB": round(size / 1e6, 1),
            "MB/s": round(size / 1e6 / seconds, 1),
            "resident MiB before": before,
            "at most": max(seen),
        }


def _selection(server: Server, plural: str, requests: int) -> Iterator[dict[str, Any]]:
    """Time choosing everything, three exceptions, and pages with a selection."""
    page = f"/{_SLUGS[plural]}/{server.runs[plural]}"
    began = time.perf_counter()
    _post(server, f"{page}/selection", data={"action": "all"})
    yield {"command": f"{plural} select all", "ms": _since(began)}
    ids = _first_ids(server, plural)
    dropped = _times(
        lambda: [_post(server, f"{page}/selection", data={"action": "drop", "record": one}) for one in ids],
        max(1, requests // 10),
    )
    yield {"command": f"{plural} drop three of them", **dropped}
    chosen = _times(lambda: _get(server, page, {"page": "5000"}), requests)
    yield {"command": f"{plural} HTML page 5000 with a selection", **chosen, "aim": _PAGE_AIM}


def _first_ids(server: Server, plural: str) -> list[str]:
    rows = _get(server, f"/api/runs/{server.runs[plural]}/differences", {"pageSize": "3"}).json()["differences"]
    return [row[f"source{_TOOLS[plural].kind.name.capitalize()}Id"] for row in rows]


def _sync_all(server: Server, plural: str) -> Iterator[dict[str, Any]]:
    """Time the request for a dry run of everything but three, and how long its work list takes."""
    body = {
        "compareRunId": server.runs[plural],
        "select": "all",
        "except": _first_ids(server, plural),
        "dryRun": True,
    }
    began = time.perf_counter()
    reply = _post(server, f"/api/{plural}/sync", json=body, headers={"Prefer": "respond-async"})
    yield {"command": f"{plural} sync of all but three, accepted", "ms": _since(began)}
    with _watching(server) as seen:
        _wait_for_list(server, reply.headers["Location"])
    yield {
        "command": f"{plural} work list written",
        "ms": _since(began),
        "resident MiB at most": max(seen),
    }


def _wait_for_list(server: Server, address: str) -> None:
    """Wait until a sync has chosen its records."""
    while _get(server, address, {}).json()["phase"] in {"", "selecting"}:
        time.sleep(_GAP_SECONDS)


def _get(server: Server, address: str, parameters: Mapping[str, str]) -> httpx2.Response:
    return server.client.get(address, params=dict(parameters)).raise_for_status()


def _post(server: Server, address: str, **sent: Any) -> httpx2.Response:  # noqa: ANN401 - as httpx2 takes it
    reply = server.client.post(address, **sent)
    if reply.status_code >= 400:
        raise RuntimeError(f"{address}: {reply.status_code} {reply.text[:300]}")
    return reply


def _times(call: Callable[[], object], requests: int) -> dict[str, float]:
    """Give the median and the 95th percentile of a warm call, in milliseconds."""
    for _ in range(2):
        call()
    taken: list[float] = []
    for _ in range(requests):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return {"median ms": round(statistics.median(taken), 1), "p95 ms": round(_p95(taken), 1)}


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


@contextmanager
def _watching(server: Server) -> Generator[list[int]]:
    """Note the server's memory until the end of the block."""
    seen, is_over = [server.resident_mib()], threading.Event()

    def watch() -> None:
        while not is_over.wait(_GAP_SECONDS):
            seen.append(server.resident_mib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()
