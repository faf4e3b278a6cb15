"""`python -m tests.faults.chaos --minutes 10 [--seed …]`: a long storm, and its report."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.chaos.run import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--profile", choices=("servers", "embedded"), default="servers")
    chosen = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    _say(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="backmice-chaos-"))
    found = storm(folder, seed, chosen.minutes * 60, chosen.profile, _say)
    _say(f"\n{found}")
    if not found.good:
        _say(f"logs and data are in {folder}")
    return 0 if found.good else 1


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
