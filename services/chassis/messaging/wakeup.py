"""Wake-ups between processes: empty datagrams that may be lost; who waits polls every 100 ms."""

import contextlib
import hashlib
import select
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

BACKSTOP_SECONDS = 0.1

_LONGEST_ADDRESS = 100  # the kernel takes 107 bytes, some systems 103
_WAKE = b"!"


class WakeupListener:
    """Waits for wake-ups; any process that knows the folder may send one."""

    def __init__(self, sockets: Sequence[tuple[Path, socket.socket]]) -> None:
        """Use `WakeupListener.listen` instead."""
        self._sockets = sockets
        self._inodes = {path: _inode(path) for path, _ in sockets}
        self._poller = select.poll()
        for _, listening in sockets:
            self._poller.register(listening, select.POLLIN)

    @classmethod
    def listen(cls, folder: Path, name: str) -> Self:
        """Listen under a name in a folder; takes the name over from a process that is gone."""
        return cls.listen_in([folder], name)

    @classmethod
    def listen_in(cls, folders: Sequence[Path], name: str) -> Self:
        """Listen under one name in several folders at once."""
        return cls([_bind(folder, name) for folder in folders])

    def wait(self, timeout: float = BACKSTOP_SECONDS) -> bool:
        """Wait for a wake-up, at most `timeout` seconds; all until now count as one."""
        ready = self._poller.poll(max(0.0, timeout) * 1_000)
        for _, listening in self._sockets if ready else ():
            with contextlib.suppress(BlockingIOError):
                while listening.recv(16):
                    pass
        return bool(ready)

    def close(self) -> None:
        """Stop listening and remove the name."""
        for path, listening in self._sockets:
            listening.close()
            if _inode(path) == self._inodes[path]:  # or somebody has taken the name over
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others listen there, or other things are there
                path.parent.rmdir()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def notify(folder: Path, name: str) -> None:
    """Wake one listener; never blocks, and ignores that nobody listens."""
    with _sender() as sender:
        _send(sender, _address(folder) / f"{name}.sock")


def notify_all(folder: Path, prefix: str = "") -> None:
    """Wake every listener of a folder whose name begins so; a dead listener's socket is removed.

    Use names that are not reused (with a fresh id in them) for listeners of this kind.
    """
    with contextlib.suppress(OSError), _sender() as sender:
        for path in _address(folder).iterdir():
            if path.name.startswith(prefix) and path.suffix == ".sock" and not _send(sender, path):
                path.unlink(missing_ok=True)


def _send(sender: socket.socket, path: Path) -> bool:
    try:
        sender.sendto(_WAKE, str(path))
    except ConnectionRefusedError:
        return False
    except OSError:
        return True  # not there, or its queue is full, which means that it is awake
    return True


@contextlib.contextmanager
def _sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        yield sender


def _bind(folder: Path, name: str) -> tuple[Path, socket.socket]:
    home = _address(folder)
    path = home / f"{name}.sock"
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.setblocking(False)
    for _ in range(10):  # somebody who closes may remove the empty folder in between
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            listening.bind(str(path))
            break
    return path, listening


def _inode(path: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_ino
    return None


def _address(folder: Path) -> Path:
    """Return where a folder's sockets live: elsewhere when its path is too long for the kernel."""
    if len(str(folder)) <= _LONGEST_ADDRESS - 50:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:20]
    return Path(tempfile.gettempdir(), f"wakeup-{digest}")
