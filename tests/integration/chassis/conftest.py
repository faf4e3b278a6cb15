"""The road between two services, on each kind of database in turn."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.chassis.hands import Act, desk
from tests.integration.chassis.road import Road
from tests.support.servers.databases import NewDatabase

from chassis.messaging.operating.command import operate


@pytest.fixture
def road(tmp_path: Path, new_database: NewDatabase) -> Iterator[Road]:
    made = Road(tmp_path, new_database)
    yield made
    made.close()


@pytest.fixture
def act(road: Road, capsys: pytest.CaptureFixture[str]) -> Act:
    """Runs a command of one of the two services; returns its exit code and what it printed."""

    def acting(name: str, *words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = operate("toy", lambda: desk(road, name), words)
        said = capsys.readouterr()
        if "--json" not in words and words[0] != "survey":
            return code, said.out + said.err
        return code, [json.loads(line) for line in said.out.splitlines()]

    return acting
