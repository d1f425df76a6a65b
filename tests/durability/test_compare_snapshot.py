"""A process that is killed while it reads a store loses no record and counts none twice."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.compare.engine import CompareEngine
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.domain.customer import Customer
from tests.memory_source import compare_customers

PEOPLE = [Customer(id=str(number), email=f"p{number}@example.com") for number in range(50)]

READER = """
import asyncio, os, signal, sys
from pathlib import Path
from crossdock.compare import snapshot
from crossdock.compare.engine import CompareEngine
from crossdock.compare.kinds.customers import CUSTOMERS
from tests.durability.test_compare_snapshot import PEOPLE
from tests.memory_source import MemorySource, take_snapshot

snapshot.PART_RECORDS = 7
moment = int(sys.argv[2])

def count_calls(call):
    def counted(*arguments):
        global moment
        moment -= 1
        if moment == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments)
    return counted

os.fsync, os.replace = count_calls(os.fsync), count_calls(os.replace)
Path.replace = count_calls(Path.replace)
engine = CompareEngine(Path(sys.argv[1]), threads=1)
source = MemorySource(CUSTOMERS.record, PEOPLE)
asyncio.run(take_snapshot(engine, CUSTOMERS, source, Path(sys.argv[1]) / "run" / "source"))
"""


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 5, 6, 9, 14, 21, 26])
def test_a_killed_reading_is_taken_up_again(tmp_path: Path, repository: Path, moment: int) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path), str(moment)], check=False, cwd=repository, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    engine = CompareEngine(tmp_path, threads=1)

    found = asyncio.run(compare_customers(engine, tmp_path / "run", PEOPLE, []))

    emails = [str(row["email"]) for row in found.page(CUSTOMERS.groups[0], sort="email", limit=1000)[0]]
    assert emails == sorted(person.email for person in PEOPLE)
    assert found.summary.counts.source_read == 50
    spilled = [folder for folder in (tmp_path / ".spill").iterdir() if folder.is_dir()]
    assert spilled == [engine.database._spill.path]
    engine.close()
