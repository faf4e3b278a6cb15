"""The same commands reach services that run as processes here, and those in containers."""

import json
import sys
from pathlib import Path

import pytest

from backmice.__main__ import main
from backmice.command_runners import ContainerRunner, ProcessRunner, runner_of
from backmice.containers import make_secrets
from backmice.topology import REPOSITORY, SERVICES

HEALTH = {
    "outbox_pending": 0,
    "outbox_oldest_age_seconds": 0.0,
    "outbox_held": 0,
    "lag": 0,
    "parked": 0,
    "quarantined": 0,
    "blocked": 0,
    "relay": "leader",
    "worker": "consuming",
    "troubles": [],
}
CONTAINERS = [
    {"Service": "intake-api", "Health": "healthy", "State": "running", "ExitCode": 0},
    {"Service": "intake-migrate", "Health": "", "State": "exited", "ExitCode": 0},
    {"Service": "topics", "Health": "", "State": "exited", "ExitCode": 1},
]
DOCKER = f"""#!{sys.executable}
import json, os, pathlib, sys
words = sys.argv[1:]
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    told = sys.stdin.read() if "--spans" in words else ""
    calls.write(json.dumps([words, os.environ["BACKMICE_SECRETS"], told]) + "\\n")
if "ps" in words:
    if (here / "away").exists():
        sys.exit("Cannot connect to the Docker daemon")
    for one in {CONTAINERS!r}:
        print(json.dumps(one))
elif "health" in words:
    print(json.dumps({HEALTH!r} | {{"service": words[words.index("operate") - 1].split("-")[0]}}))
elif "list" in words:
    print('{{"id": 1}}')
    print("there are more", file=sys.stderr)
elif "held" in words:
    print("no such image", file=sys.stderr)
    sys.exit(1)
elif "redrive" in words:
    sys.exit(1)
"""


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """An engine that answers for all services, and what it was asked."""
    program = tmp_path / "tools" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent))

    def calls():
        return [json.loads(line) for line in (program.parent / "calls").read_text().splitlines()]

    calls.away = program.parent / "away"
    return calls


@pytest.fixture
def contained(folder, tmp_path):
    make_secrets(folder, tmp_path / ".env")
    return folder


def test_the_folder_says_how_they_are_run(folder, tmp_path):
    assert isinstance(runner_of(folder), ProcessRunner)
    make_secrets(folder, tmp_path / ".env")
    assert isinstance(runner_of(folder), ContainerRunner)


def test_status_tells_of_containers_what_the_engine_knows(contained, docker, capfd):
    contained.write_state({"address": "http://127.0.0.1:9"})
    assert main(["status", "--data", str(contained.root), "--json", "--tenant", "demo"]) == 1
    document = json.loads(capfd.readouterr().out)
    assert document["processes"] == [
        {"name": "intake-api", "state": "healthy"},
        {"name": "topics", "state": "exited"},
    ]
    assert [one["service"] for one in document["services"]] == list(SERVICES)
    asked = {tuple(words[-6:]) for words, *_ in docker() if "health" in words}
    option = ("health", "--json", "--tenant", "demo")
    assert asked == {(f"{name}-worker", "operate", *option) for name in SERVICES}

    assert main(["status", "--data", str(contained.root)]) == 1
    printed = capfd.readouterr().out
    assert "intake-api         healthy\n" in printed
    assert "memory " not in printed


def test_a_command_has_a_container_of_its_own_and_knows_the_secrets(contained, docker):
    words = ["dead-letters", "redrive", "--tenant", "demo", "--by", "ann", "--why", "a test"]
    place = ["--data", str(contained.root), "--service", "diagnosis"]
    assert main([*words, *place]) == 1, "the exit code is the command's"
    asked, secrets, _ = docker()[-1]
    assert asked == [
        *("compose", "--progress", "quiet", "--project-directory", str(REPOSITORY)),
        *("run", "--rm", "--no-deps", "--no-TTY", "diagnosis-worker", "operate", *words),
    ]
    assert secrets == str(contained.root)


def test_a_list_names_the_service_and_hands_on_what_it_says(contained, docker, capfd):
    assert main(["dead-letters", "list", "--data", str(contained.root), "--json"]) == 0
    printed = capfd.readouterr()
    assert [json.loads(line)["service"] for line in printed.out.splitlines()] == list(SERVICES)
    assert printed.err.splitlines() == ["there are more"] * 3


def test_a_file_of_ours_is_read_here(contained, docker, tmp_path):
    file = Path(tmp_path, "spans")
    file.write_text('{"tenant_id": "demo"}\n')
    who = ("--service", "intake", "--all-tenants", "--by", "ann", "--why", "a test")
    words = ["republish", "--data", str(contained.root), *who, "--spans"]
    assert main([*words, str(file)]) == 0
    asked, _, document = docker()[-1]
    assert asked[-2:] == ["--spans", "-"]
    assert document == file.read_text()
    assert main([*words, str(tmp_path / "nowhere")]) == 2


def test_an_engine_that_does_not_answer_is_one_sentence(contained, docker, capfd, monkeypatch):
    docker.away.touch()
    for path in (docker.away.parent, "/nowhere"):
        monkeypatch.setenv("PATH", str(path))
        assert main(["reconcile", "--data", str(contained.root)]) == 3
        assert "the containers cannot be asked, does Docker run?" in capfd.readouterr().err


def test_a_failure_of_compose_is_no_finding_of_a_service(contained, docker, capfd):
    assert main(["held", "--data", str(contained.root)]) == 3
    assert capfd.readouterr().err == "backmice: no such image\n"
