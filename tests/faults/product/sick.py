"""`backmice up`, where the worker of diagnosis has a bug.

The bug is in force while the file `bug` lies in the data folder. It holds lines `age what`: what
happens to cases of patients of that age (or of `any`), `raise` or `die`.
"""

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any


class Bug(Exception):
    """A programmer's mistake."""


def alter() -> None:
    from altered import note  # noqa: PLC0415

    from diagnosis.use_cases import assessing  # noqa: PLC0415

    healthy = assessing.assess

    def assess(ruleset: Any, sentences: Any, case: Any, at: int) -> Any:
        _suffer(case.facts, dict(line.split() for line in note("bug").splitlines()))
        return healthy(ruleset, sentences, case, at)

    assessing.assess = assess


def _suffer(facts: Mapping[str, Any], bugs: Mapping[str, str]) -> None:
    what = bugs.get(str(facts["patient"]["age_years"])) or bugs.get("any")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise Bug


if __name__ == "__main__":
    import altered

    sys.exit(altered.run(__file__, lambda name: name == "diagnosis-worker", alter))
