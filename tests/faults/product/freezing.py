"""Processes that stand still for a while, and hold nothing meanwhile that others need."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.system.product import Product, eventually

from chassis.testing.processes import stand_still


@contextmanager
def frozen(product: Product, service: str, roles: Sequence[str]) -> Iterator[None]:
    """These roles of a service stand still within the block."""
    pids = eventually(lambda: _stopped(product, service, roles), f"{service} to stand still")
    try:
        yield
    finally:
        _go_on(pids)


def _stopped(product: Product, service: str, roles: Sequence[str]) -> list[int]:
    """Stops them where they are, unless one would keep a file locked from everybody else."""
    pids = [pid for role in roles for pid in product.pids(service, role)]
    stand_still(*pids)
    files = (product.data / service / f"{service}.db", product.data / "events" / "log.db")
    if all(_is_free(file) for file in files if file.exists()):
        return pids
    _go_on(pids)
    return []


def _go_on(pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # a test may have killed it meanwhile
            os.kill(pid, signal.SIGCONT)


def _is_free(file: Path) -> bool:
    with contextlib.closing(sqlite3.connect(file, timeout=0.5, isolation_level=None)) as probe:
        try:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True
