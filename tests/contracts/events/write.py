"""Writes the example of each event that has none yet: `python -m tests.contracts.events.write`.

An example that is there is never changed: it is what others have built upon.
"""

import json
import sys

from tests.contracts.events.golden import FOLDER, as_example
from tests.contracts.events.publishing import everything

from diagnosis.judge.ruleset import load_ruleset
from treatment.judge import load_guidance


def main() -> int:
    for name, (event, sequence) in everything(load_ruleset(), load_guidance()).items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            text = json.dumps(as_example(event, sequence), indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
            print(f"wrote {path.name}")  # noqa: T201 - a command prints
    return 0


if __name__ == "__main__":
    sys.exit(main())
