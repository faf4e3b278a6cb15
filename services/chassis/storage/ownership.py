"""Locks that the kernel releases when their holder dies, kill -9 included."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive lock on a file; for efficiency only, nothing is wrong if two hold it.

    A forked child would inherit the lock and keep it alive, so its holder must not fork.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the lock is first taken."""
        self._path = path
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Tell whether this object holds the lock."""
        return self._descriptor >= 0

    def take(self) -> bool:
        """Take the lock if it is free; never waits."""
        if self.held:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def note(self, text: str) -> None:
        """Write something for people to read into the file of a held lock."""
        data = text.encode()
        os.pwrite(self._descriptor, data, 0)
        os.ftruncate(self._descriptor, len(data))

    def release(self) -> None:
        """Give the lock back."""
        if self.held:
            os.close(self._descriptor)
            self._descriptor = -1
