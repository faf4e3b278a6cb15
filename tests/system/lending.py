"""Running products that files of tests lend each other, at most one of each profile."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Generic, TypeVar

import pytest
from tests.system.sites import Site, let_until_needed, site

T = TypeVar("T")
Start = Callable[[Path, Site], AbstractContextManager[T]]


class Pool(Generic[T]):
    """Starts what nobody has started yet; on servers it leaves when somebody else comes there."""

    def __init__(self, factory: pytest.TempPathFactory, start: "Start[T]") -> None:
        self._factory = factory
        self._start = start
        self._running: dict[str, tuple[ExitStack, T]] = {}

    def lend(self, profile: str, request: pytest.FixtureRequest) -> T:
        """What runs, or a new one."""
        if profile not in self._running:
            stack = ExitStack()
            place = site(profile, request)
            started = stack.enter_context(self._start(self._factory.mktemp("lent"), place))
            self._running[profile] = stack, started
            if not place.embedded:
                let_until_needed(lambda: self.end(profile))
        return self._running[profile][1]

    def end(self, profile: str) -> None:
        if profile in self._running:
            self._running.pop(profile)[0].close()

    def end_all(self) -> None:
        for profile in list(self._running):
            self.end(profile)
