"""A data folder of its own, and processes that do one thing."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from backmice.data_directory import DataDirectory
from backmice.topology import SOURCES, Task


@pytest.fixture
def folder(tmp_path) -> DataDirectory:
    return DataDirectory.make(tmp_path / "data")


@dataclass(frozen=True)
class Script(Task):
    """A task that runs a few lines instead of a module."""

    @property
    def command(self):
        return [sys.executable, "-c", self.arguments[0]]


@pytest.fixture
def script() -> Callable[..., Script]:
    def make(lines: str, name: str = "script") -> Script:
        return Script(name, (lines,), {"PYTHONPATH": str(SOURCES), "PATH": "/usr/bin:/bin"})

    return make


@pytest.fixture
def eventually():
    """Asks again until the answer is not empty."""

    def ask(question: Callable[[], object], seconds: float = 30.0):
        deadline = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)
        return answer

    return ask
