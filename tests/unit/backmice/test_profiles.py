"""Which servers are meant is said by the environment; what is missing is said in one sentence."""

import socket
from contextlib import closing

import pytest

from backmice.profiles import Embedded, ProfileUnusable, Servers
from backmice.topology import SERVICES, Topology

PORTS = {"gateway": 8080, "intake": 8081, "diagnosis": 8082, "treatment": 8083}
TEMPLATE = "postgresql+psycopg://{service}@127.0.0.1:5432/{service}"


@pytest.fixture
def environment(monkeypatch):
    for name in ("BROKER_URL", "DATABASE_URL_TEMPLATE", "DATABASE_PASSWORD_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROKER_URL", "kafka://127.0.0.1:9092")
    monkeypatch.setenv("DATABASE_URL_TEMPLATE", TEMPLATE)
    return monkeypatch


def test_on_servers_every_role_is_a_process_of_its_own(folder, environment):
    plan = Topology(folder, "127.0.0.1", PORTS, Servers.from_environment(SERVICES))

    assert {task.name for task in plan.processes()} == {
        *(f"{name}-{role}" for name in SERVICES for role in ("api", "relay", "worker")),
        "gateway-api",
    }
    assert not any("--with-relay" in task.arguments for task in plan.processes())


def test_whoever_tells_figures_on_servers_has_a_port_of_its_own(folder, environment):
    ports = PORTS | {"intake-relay": 8090, "intake-worker": 8091}
    plan = Topology(folder, "127.0.0.1", ports, Servers.from_environment(SERVICES))
    metrics_ports = {task.name: task.environment.get("METRICS_PORT") for task in plan.processes()}

    assert (
        metrics_ports["intake-relay"],
        metrics_ports["intake-worker"],
        metrics_ports["intake-api"],
    ) == (
        "8090",
        "8091",
        None,
    )


def test_each_service_is_told_its_own_database_and_its_own_secret(folder, environment, tmp_path):
    environment.setenv("DATABASE_PASSWORD_DIR", str(tmp_path))
    environment.setenv("KAFKA_USERNAME", "clerk")
    environment.setenv("TREATMENT_DATABASE_URL", "postgresql+psycopg://other@elsewhere/other")
    profile = Servers.from_environment(SERVICES)

    assert profile.connections("intake") == {
        "KAFKA_USERNAME": "clerk",
        "DATABASE_PASSWORD_FILE": f"{tmp_path}/intake",
        "DATABASE_URL": "postgresql+psycopg://intake@127.0.0.1:5432/intake",
        "BROKER_URL": "kafka://127.0.0.1:9092",
    }
    assert profile.connections("treatment")["DATABASE_URL"].endswith("elsewhere/other")


@pytest.mark.parametrize("name", ["BROKER_URL", "DATABASE_URL_TEMPLATE"])
def test_a_server_that_is_not_named_is_asked_for(environment, name):
    environment.delenv(name)

    with pytest.raises(ProfileUnusable, match=f"{name} is not set.*{name}="):
        Servers.from_environment(SERVICES)


def test_two_services_never_share_a_database(environment):
    environment.setenv("DATABASE_URL_TEMPLATE", "postgresql+psycopg://all@host/all")

    with pytest.raises(ProfileUnusable, match="a database of its own"):
        Servers.from_environment(SERVICES)


def test_a_server_that_does_not_answer_is_named(environment, unused):
    environment.setenv("BROKER_URL", f"kafka://127.0.0.1:{unused}")
    with pytest.raises(ProfileUnusable, match=f"Kafka cannot be reached at 127.0.0.1:{unused}"):
        Servers.from_environment(SERVICES).check()


def test_a_database_that_does_not_answer_is_named(environment, unused):
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        environment.setenv("BROKER_URL", f"kafka://127.0.0.1:{listening.getsockname()[1]}")
        environment.setenv("DATABASE_URL_TEMPLATE", TEMPLATE.replace("5432", str(unused)))

        with pytest.raises(ProfileUnusable, match=f"Postgres of intake .* 127.0.0.1:{unused}"):
            Servers.from_environment(SERVICES).check()


def test_the_embedded_default_needs_no_server(folder):
    assert Embedded(folder).check() is None
    assert Embedded(folder).connections("intake")["BROKER_URL"].startswith("local://")


@pytest.fixture
def unused():
    """A port that nobody listens on: bound, so that nobody else takes it."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
