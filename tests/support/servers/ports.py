"""Which ports the servers of tests take: above those of products, and each process its own."""

import os

FIRST = 28_000
EACH = 1_000
MOST = 4
"""So many thousands fit below the ports that the kernel gives to clients."""


def mine() -> range:
    """A thousand for this process of tests, so that its neighbours never try the same one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = FIRST + int(worker) % MOST * EACH
    return range(first, first + EACH)
