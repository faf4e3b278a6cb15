"""Each process gets what it needs to know, and no more."""

import pytest

from backmice.profiles import Embedded
from backmice.topology import Topology

PORTS = {"gateway": 8080, "intake": 8081, "diagnosis": 8082, "treatment": 8083}


@pytest.fixture
def plan(folder):
    return Topology(folder, "127.0.0.1", PORTS, Embedded(folder))


def test_seven_processes_make_up_the_system(plan):
    assert {task.name for task in plan.processes()} == {
        *(
            f"{service}-{role}"
            for service in ("intake", "diagnosis", "treatment")
            for role in ("api", "worker")
        ),
        "gateway-api",
    }


def test_each_service_has_a_database_and_a_run_folder_of_its_own(plan, folder):
    for name, key in (("intake-worker", "intake"), ("treatment-api", "treatment")):
        passed = next(task for task in plan.processes() if task.name == name).environment
        assert passed["DATABASE_URL"] == f"sqlite:///{folder.root}/{key}/{key}.db"
        assert passed["RUN_DIR"] == f"{folder.root}/{key}/run"
        assert passed["BROKER_URL"] == f"local://{folder.root}/events"


def test_intake_has_more_threads_than_may_wait_and_the_gateway_more_than_those(plan):
    threads = {t.name: int(t.environment.get("THREADS", 0)) for t in plan.processes()}
    assert threads["gateway-api"] > threads["intake-api"] > 32


def test_the_gateway_knows_where_the_services_are_and_no_database(plan):
    gateway = next(task for task in plan.processes() if task.name == "gateway-api").environment
    assert gateway["DIAGNOSIS_URL"] == "http://127.0.0.1:8082"
    assert "DATABASE_URL" not in gateway


def test_nothing_of_the_callers_environment_leaks(plan, monkeypatch):
    monkeypatch.setenv("AWS_SECRET", "x")
    assert all("AWS_SECRET" not in task.environment for task in plan.processes())


def test_the_address_is_one_that_can_be_visited(folder):
    assert Topology(folder, "0.0.0.0", PORTS, Embedded(folder)).address == "http://127.0.0.1:8080"  # noqa: S104
