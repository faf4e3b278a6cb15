"""Runs `backmice up` so that chosen children pass through a file of ours, which changes them."""

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

PAUSE_S = 0.2


def run(program: str, chosen: Callable[[str], bool], alter: Callable[[], None]) -> int:
    """Runs the supervisor, or with `child` as first argument one child that is altered.

    Args:
        program: The file that is run for both.
        chosen: Which tasks are altered, by name.
        alter: Changes the program before it begins.
    """
    if sys.argv[1] != "child":
        return _up(program, chosen)
    alter()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return 0


def note(name: str) -> str:
    """What a test has written for us into the data folder."""
    path = Path(os.environ["RUN_DIR"]).parents[1] / name
    return path.read_text() if path.exists() else ""


def _up(program: str, chosen: Callable[[str], bool]) -> int:
    from backmice import children, topology  # noqa: PLC0415
    from backmice.__main__ import main  # noqa: PLC0415

    # it pauses longer each time, up to 5 s, for what cannot live; here they die on purpose
    children.LONGEST_PAUSE_S = PAUSE_S  # type: ignore[misc]
    as_it_is = topology.Task.command.fget

    def command(task: topology.Task) -> list[str]:
        if not chosen(task.name):
            return as_it_is(task)
        return [sys.executable, program, "child", *task.arguments]

    topology.Task.command = property(command)
    return main(sys.argv[1:])
