"""Ports that stay reserved while a child that listens on one is being replaced."""

import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SEARCHED: Final = 400
LAST: Final = 32_000
"""Above begin the ports that outgoing connections take."""


class PortTaken(Exception):
    """Another process listens there."""


@dataclass
class Ports:
    """Reservations: sockets that are bound and never listen, so that a dead service refuses.

    Args:
        host: The address of all of them.
    """

    host: str
    held: list[socket.socket] = field(default_factory=list)

    def reserve(self, port: int) -> int:
        """Reserve a port.

        Raises:
            PortTaken: It is not free.
        """
        with _exclusively():
            if not self._reserve(port):
                raise PortTaken(f"port {port} on {self.host} is taken: choose another with PORT=")
        return port

    def reserve_free(self, after: int) -> int:
        """Reserve the first free port after another one.

        Raises:
            PortTaken: There is none nearby.
        """
        first = after + 1 if after + SEARCHED < LAST else LAST - 2 * SEARCHED
        with _exclusively():
            for port in range(first, first + SEARCHED):
                if self._reserve(port):
                    return port
        raise PortTaken(f"no free port near {after} on {self.host}: choose another with PORT=")

    def release(self) -> None:
        """End all reservations."""
        while self.held:
            self.held.pop().close()

    def _reserve(self, port: int) -> bool:
        if not _free(self.host, port):
            return False
        reservation = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reservation.bind((self.host, port))
        self.held.append(reservation)
        return True


def _free(host: str, port: int) -> bool:
    """Tell whether nobody holds the port; asked without SO_REUSEPORT, which would share it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


@contextmanager
def _exclusively() -> Iterator[None]:
    """Keep two supervisors of one user from finding the same port free."""
    path = Path(tempfile.gettempdir()) / f"backmice-ports.{os.getuid()}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
