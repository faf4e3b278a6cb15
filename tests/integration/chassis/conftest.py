"""The pipeline between two services, on each kind of database in turn."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.chassis.operator import Act, operated
from tests.integration.chassis.pipeline import Pipeline
from tests.support.servers.databases import NewDatabase

from chassis.messaging.operating.command import operate


@pytest.fixture
def pipeline(tmp_path: Path, new_database: NewDatabase) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path, new_database)
    yield made
    made.close()


@pytest.fixture
def act(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> Act:
    """Runs a command of one of the two services; returns its exit code and what it printed."""

    def acting(name: str, *words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = operate("toy", lambda: operated(pipeline, name), words)
        captured = capsys.readouterr()
        if "--json" not in words and words[0] != "survey":
            return code, captured.out + captured.err
        return code, [json.loads(line) for line in captured.out.splitlines()]

    return acting
