"""The unmodified compose file: it starts, answers as promised, and keeps its data."""

import pytest
from tests.compose.clients import Clients, a_case
from tests.compose.stack import LASTING, ONCE, Stack, run
from tests.system.product import eventually

pytestmark = pytest.mark.compose


def test_every_container_is_healthy_and_what_runs_once_has_ended_well(stack: Stack):
    assert [service for service in LASTING if not stack.healthy(service)] == []
    ended = {service: stack.inspect(service)["State"] for service in ONCE}
    assert {name: (s["Status"], s["ExitCode"]) for name, s in ended.items()} == dict.fromkeys(
        ONCE, ("exited", 0)
    )


def test_the_demo_case_passes(stack: Stack):
    output = stack.make("demo")
    assert "planned" in output.stderr
    for heading in ("GET /v1/cases/", "/assessment", "/plan"):
        assert heading in output.stderr
    assert "step" in output.stdout.lower()


def test_a_waiting_client_gets_the_whole_answer(stack: Stack):
    reply = stack.ask("POST", "/v1/cases", a_case(), Idempotency_Key="whole", Prefer="wait=20")
    assert reply.status in (200, 201), reply.text
    assert {"assessment", "plan"} <= reply.json().keys()


def test_the_interface_of_the_whole_is_described(stack: Stack):
    described = stack.ask("GET", "/openapi.json").json()
    assert {"/v1/cases", "/v1/rules", "/v1/guidance"} <= described["paths"].keys()
    assert stack.ask("GET", "/v1/version").json()["services"].keys() == {
        "intake",
        "diagnosis",
        "treatment",
    }
    assert stack.ask("GET", "/readyz").json()["status"] == "ok"


def test_the_topics_have_the_partitions_that_the_file_names(stack: Stack):
    tool = "/opt/kafka/bin/kafka-topics.sh"
    output = stack.execute("kafka", tool, "--bootstrap-server", "kafka:9092", "--describe").stdout
    for topic in ("intake.case.v1", "diagnosis.case.v1", "treatment.case.v1"):
        (line,) = [
            one for one in output.splitlines() if f"Topic: {topic}\t" in one and "Configs" in one
        ]
        assert "PartitionCount: 12" in line
        assert "min.insync.replicas=1" in line
        assert f"retention.ms={14 * 24 * 3600 * 1000}" in line


def test_without_secrets_compose_refuses_and_says_what_to_do(stack: Stack):
    environment = stack.environment | {"BACKMICE_SECRETS": ""}
    refused = run("docker", "compose", "up", "--detach", check=False, environment=environment)
    assert refused.returncode != 0
    assert "run make secrets first" in refused.stderr


def test_down_and_up_keep_the_data(stack: Stack):
    clients = Clients(stack)
    with clients.at_work():
        clients.await_acknowledged(20)
    stack.down()
    assert stack.compose("ps", "--all", "--quiet") == ""
    stack.up()
    for case in clients.acknowledged:
        eventually(
            lambda case=case: (
                stack.ask("GET", f"/v1/cases/{case}").json()["progress"]["state"] == "planned"
            ),
            f"the plan of {case}",
            60,
        )
    again = Clients(stack)
    with again.at_work():
        again.await_acknowledged(1)
