"""A running product that the files of fault tests lend each other, as long as it stays whole."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.faults.product import hasty
from tests.faults.product.plant import Plant, plant
from tests.system.sites import BOTH, let_until_needed, site


class Pool:
    """At most one running product of each profile."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._running: dict[str, tuple[ExitStack, Plant]] = {}

    def lend(self, profile: str, request: pytest.FixtureRequest) -> Plant:
        """The product that runs, or a new one."""
        if profile not in self._running:
            stack = ExitStack()
            folder = self._factory.mktemp("works")
            place = site(profile, request)
            self._running[profile] = (
                stack,
                stack.enter_context(plant(folder, place, (hasty.__file__,))),
            )
            if not place.embedded:
                let_until_needed(lambda: self.end(profile))
        return self._running[profile][1]

    def take_back(self, profile: str) -> None:
        """Keeps it for the next file if nothing is left to do and nothing is wrong."""
        if profile in self._running and not self._running[profile][1].is_whole():
            self.end(profile)

    def end(self, profile: str) -> None:
        if profile in self._running:
            self._running.pop(profile)[0].close()

    def end_all(self) -> None:
        for profile in list(self._running):
            self.end(profile)


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    kept = Pool(tmp_path_factory)
    yield kept
    kept.end_all()


@pytest.fixture(scope="module", params=BOTH)
def works(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Plant]:
    yield pool.lend(request.param, request)
    pool.take_back(request.param)


@pytest.fixture(scope="module")
def embedded(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Plant]:
    """The embedded default, for faults of its files; those of servers are in test_outages."""
    yield pool.lend("embedded", request)
    pool.take_back("embedded")
