"""What lies between the product and its servers is slow, narrow, dumb or cut: 11 and 12."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from tests.faults.product.clients import load
from tests.faults.product.grounds import Ground, ground_with_lines
from tests.faults.product.plant import SERVICES, Plant
from tests.faults.product.promises import a_case
from tests.faults.proxy import Proxy

from chassis.clock import new_id

pytestmark = pytest.mark.servers

LASTS_S = 3.0
LONGER_S = 15.0
"""More than anybody waits: ten seconds for an answer or a broker, and for a member of a group."""
BACK_WITHIN_S = 60.0
MORE_THREADS = 16
MORE_MEMORY_KB = 64 * 1024
FAULTS: dict[str, Callable[[Proxy], AbstractContextManager[None]]] = {
    "half a second of latency": lambda line: line.slow(0.5),
    "a kilobyte per second": lambda line: line.narrow(1_000),
    "resets": lambda line: line.unreachable(),
    "half open": lambda line: line.half_open(),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground_with_lines(tmp_path_factory.mktemp("own")) as ready:
        ready.works.accepted(Prefer="wait=20")
        ready.works.settle()
        yield ready


@pytest.mark.parametrize(
    ("fault", "to", "seconds"),
    [
        *((fault, to, LASTS_S) for fault in FAULTS for to in (("kafka",), SERVICES)),
        ("half open", ("kafka", *SERVICES), LONGER_S),
    ],
)
def test_a_bad_line_loses_nothing_and_costs_no_more(
    own: Ground, fault: str, to: tuple[str, ...], seconds: float
) -> None:
    before = _sizes(own.works)
    with load(own.works) as clients:
        with ExitStack() as faults:
            for server in to:
                faults.enter_context(FAULTS[fault](own.lines[server]))
            _lasting(seconds)
        seen = len(clients.answers)
        own.works.until(lambda: len(clients.answers) > seen + 5, "answers after the fault")

    assert clients.undocumented == []
    own.works.settle(within=BACK_WITHIN_S)
    after = _sizes(own.works)
    assert after.keys() == before.keys(), "somebody had to be started again"
    for pid, (threads, memory) in after.items():
        assert threads <= before[pid][0] + MORE_THREADS
        assert memory <= before[pid][1] + MORE_MEMORY_KB


@pytest.mark.parametrize("arrived", [True, False])
def test_an_answer_to_commit_that_was_lost_is_given_to_who_asks_again(
    own: Ground, arrived: bool
) -> None:
    works, body, key = own.works, a_case(), new_id()
    before = works.count("intake", "cases")

    with works.frozen("intake"):
        # the key itself is sent each time, while a statement may have been prepared long ago
        cut = own.lines["intake"].cut(b"COMMIT", arrived=arrived, after=key.encode())
        broken = works.submit(body, key)
        assert cut.wait(10)
        wanted = before + (1 if arrived else 0)  # a server may take a moment to do as it was told
        works.until(lambda: works.count("intake", "cases") == wanted, f"{wanted} cases")
        first, second = (works.insist("/v1/cases", body, key) for _ in range(2))

    assert broken.status == 503, broken.text
    assert first.body == second.body
    assert works.count("intake", "cases") == before + 1
    works.settle()


def _lasting(seconds: float) -> None:
    """The fault itself takes time; nothing is waited for."""
    threading.Event().wait(seconds)


def _sizes(works: Plant) -> dict[int, tuple[int, int]]:
    """Threads and memory of each process."""
    return {pid: size for pid in works.product.processes() if (size := _size(pid))}


def _size(pid: int) -> tuple[int, int] | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    figures = dict(line.split(":", 1) for line in lines if ":" in line)
    if "VmRSS" not in figures:
        return None
    return int(figures["Threads"]), int(figures["VmRSS"].split()[0])
