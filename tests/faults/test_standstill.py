"""A process that is made to stand still does nothing more, however many threads wait their turn."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.processes import stand_still

# hashing lets the other threads run at the same time
BUSY = """\
import hashlib, threading

def work():
    while True:
        hashlib.sha256(bytes(1_000_000))

for _ in range(30):
    threading.Thread(target=work, daemon=True).start()
print("working", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def busy() -> Iterator[int]:
    """A process of thirty busy threads; gives its number."""
    command = [sys.executable, "-c", BUSY]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline()
        yield process.pid
        process.kill()


def worked(pid: int) -> int:
    """Nanoseconds that the threads of a process were given."""
    spent = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in spent)


@pytest.mark.servers  # these run on Linux, which tells what a thread was given
def test_no_thread_goes_on_after_the_standstill(busy: int) -> None:
    before = worked(busy)
    stand_still(busy)
    stood = worked(busy)
    time.sleep(0.1)
    assert before < worked(busy) == stood
