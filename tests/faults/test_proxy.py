"""The line between two processes fails as it is told to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.faults.proxy import Proxy


@pytest.fixture
def line() -> Iterator[Proxy]:
    """A proxy in front of a server that says everything again."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    def echo(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    connection.sendall(data)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    with server, Proxy(server.getsockname()[1]) as proxy:
        yield proxy


def dial(line: Proxy) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", line.port), 5)
    client.settimeout(5)
    return client


def say(client: socket.socket, text: bytes) -> tuple[bytes, float]:
    began = time.monotonic()
    client.sendall(text)
    received = b""
    while len(received) < len(text):
        received += client.recv(1000)
    return received, time.monotonic() - began


def test_everything_passes_and_a_fault_passes_away(line: Proxy) -> None:
    with closing(dial(line)) as client:
        assert say(client, b"one")[0] == b"one"
        with line.slow(0.1):
            received, took = say(client, b"two")
            assert (received, took >= 0.2) == (b"two", True)
        with line.narrow(100):
            received, took = say(client, b"x" * 50)
            assert (len(received), took >= 0.4) == (50, True)
        # others may need the machine for a moment, but not each time
        assert min(say(client, b"three")[1] for _ in range(10)) < 0.1


def test_a_reset_is_felt_and_refusing_lasts(line: Proxy) -> None:
    with closing(dial(line)) as client:
        say(client, b"hello")
        with line.unreachable(), pytest.raises(ConnectionResetError):
            client.recv(1)
        with closing(dial(line)) as again:
            assert say(again, b"hello")[0] == b"hello"


def test_half_open_is_silence_and_then_a_reset(line: Proxy) -> None:
    with closing(dial(line)) as client:
        client.settimeout(0.3)
        with line.half_open():
            client.sendall(b"hello")
            with pytest.raises(TimeoutError):
                client.recv(1)
        client.settimeout(5)
        with pytest.raises(ConnectionResetError):
            client.recv(1)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_line_is_cut_at_a_word(line: Proxy, arrived: bool) -> None:
    with closing(dial(line)) as client, closing(dial(line)) as other:
        say(client, b"begin")
        done = line.cut(b"COMMIT", arrived=arrived)
        client.sendall(b"COMMIT")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        assert done.wait(5)
        assert say(other, b"COMMIT")[0] == b"COMMIT"
