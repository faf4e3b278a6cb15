"""One running product, and its own description of itself in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.system.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product") / "data").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def description_file(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("description") / "openapi.json"
    file.write_bytes(product.ask("GET", "/openapi.json", token="").body)
    return file
