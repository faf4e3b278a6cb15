"""Processes that stand still for a while, and hold nothing meanwhile that others need."""

import contextlib
import itertools
import os
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import stand_still
from tests.system.product import Product, eventually


@contextmanager
def frozen(product: Product, service: str, roles: Sequence[str]) -> Iterator[None]:
    """These roles of a service stand still within the block."""
    pids = eventually(lambda: _stopped(product, service, roles), f"{service} to stand still")
    try:
        yield
    finally:
        go_on(pids)


def _stopped(product: Product, service: str, roles: Sequence[str]) -> list[int]:
    """Stops them where they are, unless one would keep a file locked from everybody else.

    Or unless one is not there just now: it would come up and work while the others stand.
    """
    found = [product.pids(service, role) for role in roles]
    if not all(found):
        return []
    pids = list(itertools.chain(*found))
    stand_still(*pids)
    if locks_nobody_out(product, service):
        return pids
    go_on(pids)
    return []


def locks_nobody_out(product: Product, service: str) -> bool:
    """Whether others may write to the files of a service; on servers there are none."""
    files = (product.data / service / f"{service}.db", product.data / "events" / "log.db")
    return all(_is_free(file) for file in files if file.exists())


def go_on(pids: Sequence[int]) -> None:
    """Lets processes go on that stand still."""
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
