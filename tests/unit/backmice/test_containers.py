"""What the containers need from outside is made once, and is never in the repository."""

import re
import socket
import stat
import subprocess
import threading

import jwt
import orjson
import pytest
import yaml

from backmice.containers import announce, make_secrets
from backmice.data_directory import DataDirectory
from backmice.topology import REPOSITORY, SERVICES


@pytest.fixture
def folder(tmp_path):
    return DataDirectory.make(tmp_path / "secrets")


@pytest.fixture
def environment(tmp_path):
    return tmp_path / ".env"


def passwords(folder):
    return {path.name: path.read_text() for path in (folder.root / "databases").iterdir()}


def test_each_database_and_the_server_has_a_password_of_its_own(folder, environment):
    make_secrets(folder, environment)
    made = passwords(folder)
    assert set(made) == {"postgres", *SERVICES}
    assert len(set(made.values())) == 4
    assert all(len(password) >= 43 for password in made.values())


def test_what_is_there_is_never_made_again(folder, environment):
    first = make_secrets(folder, environment)
    before = {path: path.read_bytes() for path in first}
    assert make_secrets(folder, environment) == []
    assert {path: path.read_bytes() for path in first} == before


def test_what_is_missing_is_made_alone(folder, environment):
    make_secrets(folder, environment)
    kept = passwords(folder)
    (folder.root / "databases" / "intake").unlink()
    assert [path.name for path in make_secrets(folder, environment)] == ["intake"]
    assert {k: v for k, v in passwords(folder).items() if k != "intake"} == {
        name: password for name, password in kept.items() if name != "intake"
    }


def test_a_container_may_read_the_files_and_nobody_else_may_enter_the_folder(folder, environment):
    folder.root.chmod(0o755)
    for path in make_secrets(folder, environment):
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    signing = folder.keys / "signing-key.pem"
    assert stat.S_IMODE(signing.stat().st_mode) == 0o600


def test_compose_is_told_where_they_are_and_other_lines_stay(folder, environment):
    environment.write_text("OTHER=1\nBACKMICE_SECRETS=elsewhere\n")
    make_secrets(folder, environment)
    make_secrets(folder, environment)
    assert environment.read_text() == "OTHER=1\nBACKMICE_SECRETS=./secrets\n"


def test_a_folder_elsewhere_is_named_in_full(folder, tmp_path):
    home = tmp_path / "project"
    home.mkdir()
    make_secrets(folder, home / ".env")
    assert (home / ".env").read_text() == f"BACKMICE_SECRETS={folder.root}\n"


def test_the_announced_token_is_signed_by_the_key_that_the_containers_know(
    folder, environment, capsys
):
    make_secrets(folder, environment)
    announce(folder, "http://127.0.0.1:8080")
    token = re.search(r"TOKEN=(\S+)", capsys.readouterr().out)[1]
    key = jwt.PyJWK(orjson.loads(folder.jwks.read_bytes())["keys"][0], algorithm="ES256")
    assert jwt.decode(token, key.key, algorithms=["ES256"], audience="backmice")["tenant"] == "demo"
    assert folder.read_state() == {"address": "http://127.0.0.1:8080"}


def test_git_ignores_them():
    ignored = ["deploy/secrets/databases/intake", "deploy/secrets/keys/signing-key.pem", ".env"]
    printed = subprocess.run(
        ["git", "check-ignore", "--no-index", *ignored],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.split() == ignored


def test_the_compose_file_has_no_default_for_them():
    printed = (REPOSITORY / "docker-compose.yml").read_text()
    files = re.findall(r"^  \w+: \{file: \"(.*)/(?:keys|databases)/", printed, re.MULTILINE)
    assert files == ["${BACKMICE_SECRETS:?run make secrets first}"] * 5


def asks_kafka(port, **limits):
    """The health check of the broker, as the container runs it."""
    printed = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    _, *command = printed["services"]["kafka"]["healthcheck"]["test"]
    command = [word.replace("$$", "$").replace("/9092", f"/{port}") for word in command]
    return subprocess.run(command, capture_output=True, check=False, **limits).returncode


@pytest.mark.parametrize("nobody", [b"", b"\0\0\0\x08\0\0\0\0\0\0\0\0"])
def test_a_port_that_only_takes_connections_is_no_healthy_broker(nobody):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(100)
                connection.sendall(nobody)

        answering = threading.Thread(target=answer)
        answering.start()
        assert asks_kafka(listening.getsockname()[1]) == 1
        answering.join()


def test_a_broker_that_keeps_silent_is_not_healthy():
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(subprocess.TimeoutExpired),
    ):
        asks_kafka(listening.getsockname()[1], timeout=0.5)


@pytest.mark.servers
def test_a_real_broker_is_healthy(kafka_server):
    assert asks_kafka(kafka_server.bootstrap.rpartition(":")[2]) == 0
