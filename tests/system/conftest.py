"""One running product for all system tests that only ask."""

from collections.abc import Iterator

import pytest
from tests.system.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product") / "data").start()
    yield running
    running.stop()
