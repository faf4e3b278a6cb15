"""`python -m tools.mutation.__main__ [module …] [--every N]` prints what no test notices."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "services"), str(ROOT)]

from tools.mutation.runner import accepted, survivors, targets  # noqa: E402 - the line above


def main() -> int:
    """Print the survivors that are not accepted; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="tools.mutation.__main__", description=__doc__)
    parser.add_argument("modules", nargs="*", help="a part of the module's path; all without one")
    parser.add_argument("--every", type=int, default=1, help="try one mutant in so many")
    chosen = parser.parse_args()
    number = 0
    for target in targets():
        if chosen.modules and not any(name in target.module for name in chosen.modules):
            continue
        known = accepted().get(target.module, {})
        for mutant in survivors(target, chosen.every):
            if str(mutant) not in known:
                number += 1
                print(f"{target.module}:{mutant.line}: {mutant}", flush=True)
        print(f"{target.module}: done", flush=True)
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main())
