"""A running product that the files of fault tests lend each other, as long as it stays whole."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.faults.product import hasty
from tests.faults.product.plant import Plant, plant
from tests.system.lending import Pool
from tests.system.sites import BOTH, Site


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool[Plant]]:
    kept = Pool(tmp_path_factory, _planted)
    yield kept
    kept.end_all()


@pytest.fixture(scope="module", params=BOTH)
def works(request: pytest.FixtureRequest, pool: Pool[Plant]) -> Iterator[Plant]:
    yield from _lent(request.param, request, pool)


@pytest.fixture(scope="module")
def embedded(request: pytest.FixtureRequest, pool: Pool[Plant]) -> Iterator[Plant]:
    """The embedded default, for faults of its files; those of servers are in test_outages."""
    yield from _lent("embedded", request, pool)


def _planted(folder: Path, place: Site) -> AbstractContextManager[Plant]:
    return plant(folder, place, (hasty.__file__,))


def _lent(profile: str, request: pytest.FixtureRequest, pool: Pool[Plant]) -> Iterator[Plant]:
    """Kept for the next file if nothing is left to do and nothing is wrong."""
    works = pool.lend(profile, request)
    yield works
    if not works.is_whole():
        pool.end(profile)
