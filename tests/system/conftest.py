"""One running product for all system tests that only ask."""

from collections.abc import Iterator

import pytest
from tests.system.product import Product
from tests.system.sites import BOTH, site


@pytest.fixture(scope="session", params=BOTH)
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    data = tmp_path_factory.mktemp("product") / "data"
    running = Product(data, site(request.param, request)).start()
    yield running
    running.stop()
