"""The data folder: where everything is, one owner at a time, and the note of what is running."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

LOCK_PATIENCE_S: Final = 5.0
"""Children of a supervisor that was killed need a moment to notice."""


class DirectoryInUse(Exception):
    """Another supervisor owns the data folder."""


@dataclass(frozen=True)
class DataDirectory:
    """Paths below a data folder."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> "DataDirectory":
        """Makes the folder, readable by its owner only."""
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = cls(root.resolve())
        for path in (folder.keys, folder.logs, folder.events):
            path.mkdir(mode=0o700, exist_ok=True)
        return folder

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def jwks(self) -> Path:
        return self.keys / "jwks.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def events(self) -> Path:
        return self.root / "events"

    @property
    def state_file(self) -> Path:
        return self.root / "run.json"

    def service(self, name: str) -> Path:
        """Returns a service's own folder, made if need be, with its run folder in it."""
        path = self.root / name
        (path / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def lock(self, patience_s: float = LOCK_PATIENCE_S) -> int:
        """Takes the folder and returns the descriptor that owns it.

        Children inherit the descriptor, so that the folder is free only when the last process of
        the last run has gone.

        Raises:
            DirectoryInUse: It is still owned after `patience_s`.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience_s
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise DirectoryInUse(f"{self.root} is in use: stop the other one, or set DATA=")
            time.sleep(0.05)
        return descriptor

    def write_state(self, note: dict[str, Any]) -> None:
        """Writes what is running, for `demo`, `status` and curious people."""
        fresh = self.state_file.with_suffix(".new")
        write_private(fresh, orjson.dumps(note, option=orjson.OPT_INDENT_2))
        fresh.replace(self.state_file)

    def read_state(self) -> dict[str, Any] | None:
        """Returns what is running, or None."""
        try:
            note: dict[str, Any] = orjson.loads(self.state_file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return note


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read, from the first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
