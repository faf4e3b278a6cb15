"""What a role says of itself is read while it lives."""

import os

from chassis.messaging.operating import role_state


def test_a_note_is_read_while_its_writer_lives(tmp_path):
    assert role_state.read(tmp_path, "worker") is None
    role_state.write(tmp_path, "worker", {"circuit_open": False})
    role_state.write(tmp_path, "worker", {"circuit_open": False})
    assert role_state.read(tmp_path, "worker") == {"circuit_open": False}
    os.utime(tmp_path / "worker.state", (1, 1))
    assert role_state.read(tmp_path, "worker") is None


def test_a_relay_that_stands_by_does_not_hide_the_one_that_works(tmp_path):
    role_state.write(tmp_path, "relay", {"leader": True})
    role_state.write(tmp_path, "relay", {"leader": False})
    assert role_state.read(tmp_path, "relay") == {"leader": True}
    os.utime(tmp_path / "relay.state", (1, 1))
    role_state.write(tmp_path, "relay", {"leader": False})
    assert role_state.read(tmp_path, "relay") == {"leader": False}
