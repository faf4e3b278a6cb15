"""`backmice up`, where the worker of diagnosis has a bug: `sick.py up …` or `sick.py child …`.

The bug is in force while the file `bug` lies in the data folder. It holds lines `age what`: what
happens to cases of patients of that age, `raise` or `die`.
"""

import os
import runpy
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Bug(Exception):
    """A programmer's mistake."""


def up() -> int:
    """Runs the supervisor; the one sick child is started through this file."""
    from backmice import plan  # noqa: PLC0415
    from backmice.__main__ import main  # noqa: PLC0415

    healthy = plan.Task.command.fget

    def command(task: plan.Task) -> list[str]:
        if task.name != "diagnosis-worker":
            return healthy(task)
        return [sys.executable, __file__, "child", *task.arguments]

    plan.Task.command = property(command)
    return main(sys.argv[1:])


def child() -> None:
    """Runs the worker of diagnosis, sick."""
    from diagnosis import use_cases  # noqa: PLC0415

    healthy = use_cases.judge

    def judge(ruleset: Any, case: Any, at: int) -> Any:
        _suffer(case.facts)
        return healthy(ruleset, case, at)

    use_cases.judge = judge
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _suffer(facts: Mapping[str, Any]) -> None:
    what = _bugs().get(str(facts["patient"]["age_years"]))
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise Bug


def _bugs() -> dict[str, str]:
    path = Path(os.environ["RUN_DIR"]).parents[1] / "bug"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split() for line in lines)


if __name__ == "__main__":
    if sys.argv[1] == "child":
        child()
    else:
        sys.exit(up())
