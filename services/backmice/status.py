"""`backmice status` and `backmice doctor`: what runs, and whether all is there that a run needs."""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from backmice.client import Client, NotAnswered
from backmice.demo import NOT_RUNNING
from backmice.folder import Folder
from backmice.plan import SERVICES

LEAST_FREE_MB: Final = 200
NEEDED: Final = ("flask", "gunicorn", "jwt", "marshmallow", "orjson", "sqlalchemy", "urllib3")


def status(folder: Folder) -> int:
    """Prints each process with its memory, and each service's readiness; 0 if all is well."""
    note = folder.read_note()
    if note is None:
        print(f"backmice: {NOT_RUNNING}")
        return 1
    print(f"address   {note['address']}")
    total = 0.0
    for name, pid in {"supervisor": note["supervisor"], **note["processes"]}.items():
        memory = memory_mb([pid] if name == "supervisor" else [pid, *_descendants(pid)])
        total += memory
        print(f"{name:<18} pid {pid:<8} {'gone' if not memory else f'{memory:.0f} MB'}")
    print(f"memory    {total:.0f} MB (proportional share)")
    return _readiness(note)


def _readiness(note: dict[str, Any]) -> int:
    try:
        with Client(note["address"]) as client:
            reply = client.get("/readyz")
    except NotAnswered as problem:
        print(f"readiness {problem}")
        return 1
    print(
        "readiness " + ", ".join(f"{name} {well}" for name, well in reply.json()["checks"].items())
    )
    return 0 if reply.status == 200 else 1  # noqa: PLR2004


def memory_mb(pids: list[int]) -> float:
    """Returns the proportional memory of processes; those that are gone have none."""
    return sum(map(_share_kb, pids)) / 1024


def _share_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _descendants(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, listed) for found in (child, *_descendants(child))]


def doctor(folder: Folder) -> int:
    """Checks everything and prints a line for each; 0 if a run should succeed."""
    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "packages": _packages,
        "services": _services,
        "data folder": lambda: _writable(folder.root),
        "disk": lambda: _disk(folder.root),
        "sockets": lambda: _sockets(folder),
    }
    faults = {name: check() for name, check in checks.items()}
    for name, fault in faults.items():
        print(f"{name:<12} {fault or 'ok'}")
    return 1 if any(faults.values()) else 0


def _python() -> str:
    return "" if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed"


def _packages() -> str:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    return f"missing: {', '.join(missing)}; run: make setup" if missing else ""


def _services() -> str:
    missing = [name for name in SERVICES if importlib.util.find_spec(f"{name}.__main__") is None]
    return f"not on the path: {', '.join(missing)}" if missing else ""


def _writable(path: Path) -> str:
    return "" if os.access(path, os.W_OK) else f"{path} is not writable"


def _disk(path: Path) -> str:
    free = shutil.disk_usage(path).free // 2**20
    return "" if free >= LEAST_FREE_MB else f"only {free} MB free below {path}"


def _sockets(folder: Folder) -> str:
    """Doorbells are sockets in the data folder, whose path may have about a hundred characters."""
    longest = folder.root / "diagnosis" / "run" / ("x" * 24)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.connect(str(longest))
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"the path of the data folder is too long for sockets: {error}"
    return ""
