"""The state of each running role, written to the run folder for operators and health checks."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chassis.clock import now_us

GONE_SECONDS: Final = 10.0
"""A process that has not written its state for so long does not run."""


def write(run_dir: Path, role: str, state: Mapping[str, bool]) -> None:
    """Write down how the process of a role is; cheap when it is as it was."""
    if role == "relay" and not state["leader"] and (read(run_dir, role) or {}).get("leader"):
        return  # who stands by does not write over the state of the one that works
    path, text = _path(run_dir, role), json.dumps(state)
    try:
        if path.read_text(encoding="utf-8") == text:
            os.utime(path)
            return
    except FileNotFoundError:
        pass
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def read(run_dir: Path, role: str) -> dict[str, Any] | None:
    """Return what the process of a role has noted a moment ago, None without one that runs."""
    path = _path(run_dir, role)
    try:
        age = now_us() / 1_000_000 - path.stat().st_mtime
        noted: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return noted if age < GONE_SECONDS else None


def _path(run_dir: Path, role: str) -> Path:
    return run_dir / f"{role}.state"
