"""A taken port is an error; a reserved one is nobody else's, and refuses while nobody listens."""

import socket
from contextlib import closing

import pytest

from backmice.ports import Ports, PortTaken

HOST = "127.0.0.1"


def listening(port, *, shared=False):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((HOST, port))
    listener.listen()
    return listener


@pytest.fixture
def ports():
    made = Ports(HOST)
    yield made
    made.release()


@pytest.fixture
def port(ports):
    return ports.reserve_free(21_000)


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_that_somebody_listens_on_is_taken(ports, shared):
    with closing(listening(0, shared=shared)) as listener, pytest.raises(PortTaken, match="PORT="):
        ports.reserve(listener.getsockname()[1])


def test_a_reserved_port_is_not_free_for_another(ports, port):
    other = Ports(HOST)
    with pytest.raises(PortTaken):
        other.reserve(port)
    assert other.reserve_free(port - 1) != port
    other.release()


def test_a_reserved_port_refuses_while_nobody_listens(port):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=2)


def test_a_child_may_listen_on_a_reserved_port_and_only_it_is_asked(port):
    for _ in range(2):
        with (
            closing(listening(port, shared=True)),
            socket.create_connection((HOST, port), timeout=2),
        ):
            pass


def test_free_ports_lie_below_those_of_outgoing_connections(ports):
    assert ports.reserve_free(60_000) < 32_000
