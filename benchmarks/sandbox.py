"""The stores and the program under measurement, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_START_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs: its address and the keys of its pairs."""

    base_url: str
    all_keys: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> Mapping[str, Any]:
        """The keys of the first pair."""
        return self.all_keys[0]

    def state(self) -> dict[str, Any]:
        """Ask both stores of the first pair for their counters."""
        return self.all_states()[0]

    def all_states(self) -> Sequence[dict[str, Any]]:
        """Ask the stores of every pair for their counters."""
        with urllib.request.urlopen(f"{self.base_url}/_sandbox/state") as reply:  # noqa: S310 - loopback
            return json.load(reply)["pairs"]


def variables(woocommerce: Sandbox, shopify: Sandbox, data_dir: Path, **further: str) -> dict[str, str]:
    """Give the variables that connect the program to one store of each sandbox."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")},
        "CROSSDOCK_DATA_DIR": str(data_dir),
        "CROSSDOCK_WOOCOMMERCE_URL": woocommerce.keys["woo_url"],
        "CROSSDOCK_WOOCOMMERCE_KEY": woocommerce.keys["consumer_key"],
        "CROSSDOCK_WOOCOMMERCE_SECRET": woocommerce.keys["consumer_secret"],
        "CROSSDOCK_SHOPIFY_DOMAIN": shopify.keys["shopify_domain"],
        "CROSSDOCK_SHOPIFY_TOKEN": shopify.keys["shopify_token"],
        "CROSSDOCK_SHOPIFY_BASE_URL": shopify.keys["shopify_base_url"],
        "CROSSDOCK_MAIL_DELAY_SECONDS": "0",
        **{f"CROSSDOCK_{name.upper()}": value for name, value in further.items()},
    }


@contextmanager
def sandbox(*arguments: str, has_service_times: bool = True) -> Generator[Sandbox]:
    """Serve a sandbox with the given options, with the service times of real stores unless told otherwise."""
    times = ["--service-times"] if has_service_times else []
    command = [sys.executable, "-m", "crossdock.sandbox", *times, "--json", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _described(process)
    finally:
        process.terminate()
        process.wait()


def _described(process: subprocess.Popen[str]) -> Sandbox:
    text = ""
    output = process.stdout
    until = time.monotonic() + _START_SECONDS
    while output is not None and time.monotonic() < until:
        line = output.readline()
        if not line:
            break
        text += line
        if line.startswith("}"):
            described = json.loads(text)
            return Sandbox(described["baseUrl"], described["pairs"])
    raise RuntimeError("the sandbox did not start")


@dataclass(slots=True)
class Measured:
    """One command's answer, its seconds, and the most memory that it held, in MiB."""

    body: dict[str, Any]
    seconds: float
    peak_mib: float
    exit_code: int = field(default=0)


def crossdock(arguments: Sequence[str], variables: Mapping[str, str]) -> Measured:
    """Run the command line with `--json` and measure it."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        command = [str(Path(sys.executable).with_name("crossdock")), *arguments, "--json"]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=dict(variables))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        content = out.read()
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"crossdock {' '.join(arguments)} ended with {process.returncode}")
    return Measured(json.loads(content), seconds, usage.ru_maxrss / 1024, process.returncode)
