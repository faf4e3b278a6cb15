"""Runs the tests of a module against each of its mutants, in a copy of the source root."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.operators import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
LONGEST = 180  # seconds; a mutant whose tests never end is noticed, too


@dataclass(frozen=True)
class Target:
    """A module below the source root, and the tests that must notice its mutants."""

    module: str
    tests: tuple[str, ...]


def targets() -> list[Target]:
    """Read which modules carry promises, and by which tests these are held."""
    table = tomllib.loads((FOLDER / "targets.toml").read_text(encoding="utf-8"))
    return [Target(module, tuple(tests)) for module, tests in table.items()]


def accepted() -> Mapping[str, Mapping[str, str]]:
    """Read which mutants may survive, by module, and why."""
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(
        (FOLDER / "survivors.toml").read_text(encoding="utf-8")
    )
    return table


def survivors(target: Target, every: int = 1) -> Iterator[Mutant]:
    """Try every mutant of a module, or one in so many, and yield those that no test notices.

    Raises:
        RuntimeError: the tests fail without any change.
    """
    with tempfile.TemporaryDirectory() as folder:
        services = Path(folder) / "services"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "services", services, ignore=ignored)
        path = services / target.module
        source = path.read_bytes()
        if not _passes(target.tests, services):
            raise RuntimeError(f"{target.module}: its tests fail without any change")
        for mutant in list(mutants(source.decode()))[::every]:
            path.write_bytes(mutant.applied(source))
            if _passes(target.tests, services):
                yield mutant
        path.write_bytes(source)


def _passes(tests: Sequence[str], services: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider"]
    command += ["-m", "not servers and not compose", "-o", f"pythonpath={services} ."]
    environment = os.environ | {"PYTHONPATH": str(services), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*command, *tests],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
