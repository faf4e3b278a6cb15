"""A line between two processes that can be made slow, narrow, silent or broken."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from tests.support.servers.kafka import free_ports

CHUNK: Final = 65_536
TICKS_PER_S: Final = 10
ABORT: Final = struct.pack("ii", 1, 0)  # linger for no time at all: the other side gets a reset


class Proxy:
    """One listening port in front of another; everything passes unless a fault is set.

    Attributes:
        target: Where it leads to.
        latency_s: Each piece waits so long, in either direction.
        bytes_per_s: No more than this passes in each direction of a connection; 0 for no limit.
        refusing: Connections are accepted and reset at once.
    """

    def __init__(self, target: int = 0) -> None:
        self.target = target
        (self.port,) = free_ports(1)
        self.latency_s = 0.0
        self.bytes_per_s = 0
        self.refusing = False
        self._cut: _Cut | None = None
        self._links: set[_Link] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._started = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.reset()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over, self._passing = asyncio.Event(), asyncio.Event()
        self._passing.set()
        async with await asyncio.start_server(self._serve, "127.0.0.1", self.port):
            self._started.set()
            await self._over.wait()

    def reset(self) -> None:
        """Resets all connections, as a rebooted host would."""

        async def reset() -> None:
            for link in list(self._links):
                link.abort()

        self._do(reset)

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Everything takes so much longer within the block."""
        self.latency_s = seconds
        yield
        self.latency_s = 0.0

    @contextmanager
    def narrow(self, bytes_per_s: int) -> Iterator[None]:
        """So little passes within the block."""
        self.bytes_per_s = bytes_per_s
        yield
        self.bytes_per_s = 0

    @contextmanager
    def half_open(self) -> Iterator[None]:
        """Nobody hears anything within the block, and nobody is told; then all is reset."""
        self._loop.call_soon_threadsafe(self._passing.clear)
        yield
        self.reset()
        self._loop.call_soon_threadsafe(self._passing.set)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Every connection is reset within the block, old ones and new ones."""
        self.refusing = True
        self.reset()
        yield
        self.refusing = False

    def cut(self, pattern: bytes, *, arrived: bool, after: bytes = b"") -> threading.Event:
        """Resets the next connection on which a client sends this, and sets the event.

        Args:
            pattern: What to wait for.
            arrived: Whether the server still gets it (and has answered); its answer is lost.
            after: Only where the client has sent this before, now or long ago.
        """
        self._cut = _Cut(pattern, arrived, after)
        return self._cut.done

    def _do(self, work: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            _abort(writer)
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _abort(writer)
            return
        link = _Link(writer, there[1])
        self._links.add(link)
        with contextlib.suppress(OSError):
            up = self._pump(reader, there[1], link, upward=True)
            await asyncio.gather(up, self._pump(there[0], writer, link, upward=False))
        link.abort()
        self._links.discard(link)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        link: "_Link",
        *,
        upward: bool,
    ) -> None:
        while data := await source.read(self._piece()):
            await self._hold_up(len(data))
            if link.cut is not None and not upward:
                link.cut.done.set()
                link.abort()
                return
            if upward and self._is_cut(link, data):
                link.cut, self._cut = self._cut, None
                if not link.cut.arrived:
                    link.cut.done.set()
                    link.abort()
                    return
            sink.write(data)
            await sink.drain()
        link.abort()

    def _is_cut(self, link: "_Link", data: bytes) -> bool:
        link.sent += data
        return self._cut is not None and self._cut.pattern in data and self._cut.after in link.sent

    def _piece(self) -> int:
        return max(1, self.bytes_per_s // TICKS_PER_S) if self.bytes_per_s else CHUNK

    async def _hold_up(self, size: int) -> None:
        await asyncio.sleep(self.latency_s)
        if self.bytes_per_s:
            await asyncio.sleep(size / self.bytes_per_s)
        await self._passing.wait()


class _Cut:
    def __init__(self, pattern: bytes, arrived: bool, after: bytes) -> None:
        self.pattern = pattern
        self.arrived = arrived
        self.after = after
        self.done = threading.Event()


class _Link:
    def __init__(self, here: asyncio.StreamWriter, there: asyncio.StreamWriter) -> None:
        self._ends = (here, there)
        self.cut: _Cut | None = None
        self.sent = bytearray()

    def abort(self) -> None:
        for end in self._ends:
            _abort(end)


def _abort(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    writer.transport.abort()
