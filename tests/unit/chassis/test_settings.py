"""The environment is read with care."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.settings import SettingsError, env_bool, env_file, env_int, env_path, env_str


def test_what_is_set_is_read() -> None:
    environ = {"A": "x", "N": "7", "B": "Yes", "P": "/a/b"}
    assert env_str("A", environ=environ) == "x"
    assert env_int("N", environ=environ) == 7
    assert env_bool("B", environ=environ) is True
    assert env_path("P", environ=environ) == Path("/a/b")


def test_what_is_not_set_has_its_default() -> None:
    assert env_str("A", "d", environ={}) == "d"
    assert env_int("N", 3, environ={}) == 3
    assert env_bool("B", False, environ={}) is False


@pytest.mark.parametrize("read", [env_str, env_int, env_bool, env_path])
def test_what_is_missing_is_named(read: object) -> None:
    with pytest.raises(SettingsError, match="NAME is not set"):
        read("NAME", environ={})  # type: ignore[operator]


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(SettingsError, match="N is not a whole number"):
        env_int("N", environ={"N": "x"})
    with pytest.raises(SettingsError, match="B is neither"):
        env_bool("B", environ={"B": "maybe"})


def test_a_child_ends_with_its_parent() -> None:
    reading, writing = os.pipe()
    program = (
        "import time; from chassis.settings import die_with_parent; "
        "die_with_parent(); time.sleep(60)"
    )
    environment = os.environ | {"PARENT_PIPE_FD": str(reading), "PYTHONPATH": "services"}
    child = subprocess.Popen([sys.executable, "-c", program], env=environment, pass_fds=(reading,))
    os.close(reading)
    assert child.poll() is None
    os.close(writing)
    assert child.wait(20) == 0


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    there = tmp_path / "password"
    there.write_text("p")
    assert env_file("F", environ={"F": str(there)}) == there
    assert env_file("F", environ={}) is None
    with pytest.raises(SettingsError, match=r"F names .*/missing"):
        env_file("F", environ={"F": str(tmp_path / "missing")})
