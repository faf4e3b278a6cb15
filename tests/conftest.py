"""What every folder of tests may ask for."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ours", deadline=None)  # others may need the machine for a moment
settings.load_profile("ours")

pytest_plugins = ["tests.support.servers.plugin", "tests.support.servers.databases"]

SLOW = Path(__file__).with_name("slow.txt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the files that `make test-quick` leaves out: those with tests of a second or more."""
    slow = set(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        if item.nodeid.partition("::")[0] in slow:
            item.add_marker("slow")
