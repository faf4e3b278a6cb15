"""CPU time by process, as the kernel counts it."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_SERVICE = re.compile(r"\b(intake|diagnosis|treatment|gateway)\b")
_SERVERS = {"postgres": "Postgres", "java": "Kafka"}
_ROLE = re.compile(r"\b(api|worker|relay)\b")


@dataclass(frozen=True)
class _Process:
    parent: int
    name: str
    command: str
    seconds: float


def cpu_seconds(root: int) -> dict[str, float]:
    """Return the CPU seconds so far of the processes below a root, and of Kafka and Postgres.

    Args:
        root: id of the process that started the others; the bench itself does not count.
    """
    processes = _processes()
    used: dict[str, float] = defaultdict(float)
    for number, process in processes.items():
        if number == os.getpid() or not _is_below(number, os.getpid(), processes):
            continue  # somebody else's servers run on this machine too
        if process.name in _SERVERS:
            used[_SERVERS[process.name]] += process.seconds
        elif _is_below(number, root, processes):
            used[_label(process)] += process.seconds
    return used


def per_case(
    before: Mapping[str, float], after: Mapping[str, float], cases: int
) -> dict[str, float]:
    """Return milliseconds per case, of whoever used any."""
    spent = {name: (after[name] - before.get(name, 0)) / cases * 1e3 for name in sorted(after)}
    return {name: ms for name, ms in spent.items() if ms >= 0.01}


def _label(process: _Process) -> str:
    service, role = _SERVICE.search(process.command), _ROLE.search(process.command)
    if service is None:
        return "supervisor"
    return f"{service[1]} {role[1] if role else 'api'}"


def _is_below(number: int, root: int, processes: Mapping[int, _Process]) -> bool:
    while number in processes and number not in {0, 1, root}:
        number = processes[number].parent
    return number == root


def _processes() -> dict[int, _Process]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                found[int(folder.name)] = _process(folder)
    return found


def _process(folder: Path) -> _Process:
    words = [(folder / name).read_bytes().split(b"\0") for name in ("cmdline", "environ")]
    role = [word for word in words[1] if word.startswith(b"ROLE=")]
    command = b" ".join(words[0] + role).decode("utf-8", "replace")
    head, _, rest = (folder / "stat").read_text("utf-8").rpartition(")")
    fields = rest.split()
    seconds = (int(fields[11]) + int(fields[12])) / _TICK
    return _Process(int(fields[1]), head.partition("(")[2], command, seconds)
