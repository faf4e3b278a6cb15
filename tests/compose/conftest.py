"""One project of containers for all of these tests; it is taken away at the end."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from tests.compose.stack import Stack

NO_ENGINE = (
    "A Docker engine with Compose 2 is needed for these tests, and `docker` does not reach one: "
    "install Docker (or start it), then run make test-compose again."
)


@pytest.fixture(scope="session")
def engine() -> None:
    asked = (("docker", "info"), ("docker", "compose", "version"))
    if shutil.which("docker") is None or any(
        subprocess.run(command, capture_output=True, check=False).returncode for command in asked
    ):
        pytest.fail(NO_ENGINE, pytrace=False)


@pytest.fixture(scope="session")
def stack(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("compose") / "secrets")
    try:
        running.up()
        yield running
    finally:
        running.remove()
