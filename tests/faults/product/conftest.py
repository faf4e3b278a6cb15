"""One running product for each file of fault tests: what one test leaves, the next one bears."""

from collections.abc import Iterator

import pytest
from tests.faults.product.plant import Plant, plant


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with plant(tmp_path_factory.mktemp("works")) as running:
        yield running
