"""One running product of each profile for all system tests that only ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.system.lending import Pool
from tests.system.product import Product
from tests.system.sites import BOTH, Site


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool[Product]]:
    kept = Pool(tmp_path_factory, _running)
    yield kept
    kept.end_all()


@pytest.fixture(scope="module", params=BOTH)
def product(request: pytest.FixtureRequest, pool: Pool[Product]) -> Product:
    return pool.lend(request.param, request)


@contextmanager
def _running(folder: Path, place: Site) -> Iterator[Product]:
    running = Product(folder / "data", place).start()
    yield running
    running.stop()
