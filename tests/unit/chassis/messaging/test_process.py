"""How a process ends when its worker does."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.faults.chassis.toy import TENANT, Mill, Shop

from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import TP, Broker, Consumer, LogDamaged, OffsetOutOfRange, Record
from chassis.messaging.process import FAILED, STALLED, UNFIT_LOG, _beat, run_until_stopped
from chassis.messaging.receiving import watchdog
from chassis.messaging.receiving import worker as workers
from chassis.messaging.receiving.offsets import LogReplaced

UNHEARD = 2


class Deaf:
    """A member whose client has stopped to deliver one partition, as such clients have done."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def poll(self, timeout: float) -> Mapping[TP, list[Record]]:
        found = self._consumer.poll(timeout)
        return {tp: records for tp, records in found.items() if tp.partition != UNHEARD}

    def __getattr__(self, name: str) -> object:
        return getattr(self._consumer, name)


class DeafBroker:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def consumer(self, group: str, topics: Sequence[str], start: Mapping[TP, int], **more: int):
        return Deaf(self._broker.consumer(group, topics, start, **more))

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)


class Failing:
    ticked_at = 0.0

    def __init__(self, error: Exception) -> None:
        self._error = error

    def run(self, _stop: object) -> None:
        raise self._error

    def note(self) -> dict[str, bool]:
        return {}


ENDS = {
    "failing": RuntimeError(),
    "replaced": LogReplaced("t"),
    "damaged": LogDamaged(),
    "out of range": OffsetOutOfRange(TP("t", 0), 5, 7, 9),
}


def end_of(kind: str, folder: Path) -> int:
    """Run this file as a process of its own; returns its exit code."""
    done = subprocess.run([sys.executable, __file__, kind, str(folder)], timeout=60, check=False)
    return done.returncode


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "services:.")


def test_a_worker_whose_client_delivers_nothing_of_one_partition_ends_with_a_code_of_its_own(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path)
    subjects = [f"chair-{number}" for number in range(20)]
    assert {partition_of(f"{TENANT}:{one}".encode(), 4) for one in subjects} == {0, 1, 2, 3}
    shop.place_all(subjects)
    assert shop.relay().step() == 20
    assert end_of("deaf", tmp_path) == STALLED
    mill = Mill(tmp_path)
    assert 0 < mill.count(mill.effects) < 20, "all others were delivered"
    assert STALLED not in {0, 1, FAILED}


def test_any_other_failure_ends_it_with_one(tmp_path: Path) -> None:
    assert end_of("failing", tmp_path) == FAILED


@pytest.mark.parametrize("kind", ["replaced", "out of range", "damaged"])
def test_a_worker_that_cannot_go_on_in_its_log_ends_with_a_code_of_its_own(
    tmp_path: Path, kind: str
) -> None:
    assert end_of(kind, tmp_path) == UNFIT_LOG
    assert UNFIT_LOG not in {0, 1, FAILED, STALLED}


def test_a_process_that_can_leave_no_trace_goes_on(tmp_path: Path) -> None:
    _beat([Failing(RuntimeError())], tmp_path / "no such folder")


def main(kind: str, folder: Path) -> int:
    if kind in ENDS:
        return run_until_stopped([Failing(ENDS[kind])], folder)
    watchdog.PATIENCE_SECONDS = workers._REPORT_SECONDS = 0.2  # type: ignore[misc]
    mill = Mill(folder)
    mill.broker = DeafBroker(mill.broker)  # type: ignore[assignment]
    return run_until_stopped([mill.worker()], mill.run_dir)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
