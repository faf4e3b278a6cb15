"""A floor with both services as real processes, ended with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.chassis.floor import Floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with Floor.open(tmp_path) as made:
        yield made
