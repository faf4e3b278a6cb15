"""`backmice status` and `backmice doctor`: what runs, and whether all is there that a run needs."""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from backmice import service_commands
from backmice.client import Client, NotAnswered
from backmice.command_runners import compose, holds_containers
from backmice.data_directory import DataDirectory
from backmice.demo import NOT_RUNNING
from backmice.profiles import ProfileUnusable
from backmice.service_commands import ServiceCommands
from backmice.topology import SERVICES
from chassis.messaging.operating.printing import show

LEAST_FREE_MB: Final = 200
NEEDED: Final = ("flask", "gunicorn", "jwt", "marshmallow", "orjson", "sqlalchemy", "urllib3")


def status(folder: DataDirectory, tenant: str = "", *, as_json: bool = False) -> int:
    """Prints processes, memory, readiness, and how each service does; 0 if all is well.

    What waits and what is blocked is read from the databases, so it is told even when nothing runs.

    Args:
        folder: Where the data, or the secrets of the containers, are.
        tenant: Whose cases are counted; empty for everybody's.
        as_json: Prints one JSON object.
    """
    note = folder.read_state()
    found: dict[str, Any] = {"address": None, "processes": [], "memory_mb": None, "readiness": None}
    if note is not None:
        found |= _contained(folder) if holds_containers(folder) else _processes(note)
        found |= {"address": note["address"], "readiness": _readiness(note)}
    found["services"], found["trouble"] = _asked(folder, *(("--tenant", tenant) if tenant else ()))
    well = note is not None and found["readiness"] == "ok" and not _needed(found)
    if as_json:
        print(json.dumps(found | {"well": well}))
    else:
        _print(found)
    return 0 if well else 1


def _processes(note: dict[str, Any]) -> dict[str, Any]:
    processes = []
    for name, pid in {"supervisor": note["supervisor"], **note["processes"]}.items():
        memory = memory_mb([pid] if name == "supervisor" else [pid, *_descendants(pid)])
        processes.append({"name": name, "pid": pid, "memory_mb": round(memory, 1)})
    total = round(sum(process["memory_mb"] for process in processes), 1)
    return {"processes": processes, "memory_mb": total}


def _contained(folder: DataDirectory) -> dict[str, Any]:
    """Of containers the engine knows how they are; those that have done their work are left out."""
    told = map(json.loads, compose(folder, "ps", "--all", "--format", "json").stdout.splitlines())
    return {
        "processes": [
            {"name": one["Service"], "state": one["Health"] or one["State"]}
            for one in told
            if one["State"] != "exited" or one["ExitCode"]
        ]
    }


def _readiness(note: dict[str, Any]) -> str:
    try:
        with Client(note["address"]) as client:
            reply = client.get("/readyz")
    except NotAnswered as problem:
        return str(problem)
    checks = ", ".join(f"{name} {well}" for name, well in reply.json()["checks"].items())
    return "ok" if reply.status == 200 else checks  # noqa: PLR2004


def _asked(folder: DataDirectory, *whose: str) -> tuple[list[dict[str, Any]], str | None]:
    try:
        return list(ServiceCommands.of(folder).health(*whose).values()), None
    except (service_commands.CommandFailed, ProfileUnusable) as problem:
        return [], str(problem)


def _needed(found: dict[str, Any]) -> bool:
    return bool(found["trouble"] or any(entry["troubles"] for entry in found["services"]))


def _print(found: dict[str, Any]) -> None:
    if found["address"] is None:
        print(f"backmice: {NOT_RUNNING}")
    else:
        print(f"address   {found['address']}")
    for process in found["processes"]:
        print(f"{process['name']:<18} {_life(process)}")
    if found["memory_mb"] is not None:
        print(f"memory    {found['memory_mb']:.0f} MB (proportional share)")
    if found["address"] is not None:
        print(f"readiness {found['readiness']}")
    if found["services"]:
        print()
        show(map(_line, found["services"]), as_json=False, empty="")
    if found["trouble"]:
        print(f"services  {found['trouble']}")


def _life(process: dict[str, Any]) -> str:
    if "state" in process:
        return str(process["state"])
    memory = process["memory_mb"]
    return f"pid {process['pid']:<8} {f'{memory:.0f} MB' if memory else 'gone'}"


def _line(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "service": entry["service"],
        "outbox": entry["outbox_pending"],
        "oldest": f"{entry['outbox_oldest_age_seconds']:.0f} s",
        "held": entry["outbox_held"],
        "lag": entry["lag"],
        "parked": entry["parked"],
        "quarantined": entry["quarantined"],
        "blocked cases": entry["blocked"],
        "relay": entry["relay"],
        "worker": entry["worker"],
        "needs": " ".join(entry["troubles"]) or "nothing",
    }


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


def doctor(folder: DataDirectory) -> int:
    """Checks everything and prints a line for each; 0 if a run should succeed."""
    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "packages": _packages,
        "services": _services,
        "data folder": lambda: _writable(folder.root),
        "disk": lambda: _disk(folder.root),
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
