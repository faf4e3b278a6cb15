"""One running product for each file of fault tests: what one test leaves, the next one bears."""

from collections.abc import Iterator

import pytest
from tests.faults.product.plant import Plant, plant
from tests.system.sites import BOTH, site


@pytest.fixture(scope="module", params=BOTH)
def works(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    with plant(tmp_path_factory.mktemp("works"), site(request.param, request)) as running:
        yield running
