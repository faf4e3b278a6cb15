"""The road between two services, on each kind of database in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.chassis.road import Road
from tests.servers.databases import NewDatabase


@pytest.fixture
def road(tmp_path: Path, new_database: NewDatabase) -> Iterator[Road]:
    made = Road(tmp_path, new_database)
    yield made
    made.close()
