"""Any container is killed while cases come in: nothing is lost and nothing is done twice.

The engine takes `docker kill` for an order to stop, so a container that was killed so is started
again by hand. A process that dies by itself is started again by the engine.
"""

import pytest
from tests.compose.clients import Clients
from tests.compose.stack import IMAGES, LASTING, Stack, docker
from tests.system.product import eventually

pytestmark = pytest.mark.compose
NEEDED_TO_SUBMIT = {"gateway", "intake-api", "postgres"}
PLANNED = {"plan.recommended", "plan.withheld"}
PATIENCE_S = 300.0


@pytest.mark.parametrize("service", LASTING)
def test_a_killed_container_costs_no_case_and_doubles_none(stack: Stack, service: str):
    clients = Clients(stack)
    with clients.at_work():
        clients.await_acknowledged(5)
        stack.kill(service)
        if service in NEEDED_TO_SUBMIT:
            clients.await_refused(10)
        else:
            clients.await_acknowledged(10)
        stack.start(service)
        clients.await_acknowledged(5)
    check_books(stack, clients)


COUNT = "SELECT count(*) FROM outbox_pending"


def test_when_every_process_dies_at_once_the_engine_starts_all_and_no_case_is_lost(stack: Stack):
    clients = Clients(stack)
    with clients.at_work():
        clients.await_acknowledged(10)
        before = {service: stack.inspect(service)["RestartCount"] for service in LASTING}
        crash(stack)
        clients.await_refused(1)
        eventually(
            lambda: all(stack.inspect(s)["RestartCount"] > before[s] for s in LASTING),
            "the restart of every container",
            PATIENCE_S,
        )
        stack.await_health(*LASTING)
        clients.await_acknowledged(10)
    check_books(stack, clients)


def crash(stack: Stack) -> None:
    """SIGKILL from the engine's own machine: no order of the engine, so its policy applies."""
    pids = [str(stack.inspect(service)["State"]["Pid"]) for service in LASTING]
    program = "import os, sys; [os.kill(int(pid), 9) for pid in sys.argv[1:]]"
    power = ("--pid", "host", "--user", "0", "--cap-drop", "ALL", "--cap-add", "KILL")
    image = next(iter(IMAGES))
    docker("run", "--rm", *power, "--entrypoint", "python", image, "-c", program, *pids)


def check_books(stack: Stack, clients: Clients) -> None:
    """Each acknowledged case has one outcome, and each service did its part exactly once."""
    cases = clients.acknowledged
    assert len(set(cases)) == len(cases), "two answers named the same case"
    for case in cases:
        eventually(lambda case=case: _planned(stack, case), f"the plan of {case}", PATIENCE_S)
    intake, diagnosis, treatment = map(stack.audited, ("intake", "diagnosis", "treatment"))
    for case in cases:
        assert intake[case]["case.submitted"] == 1, case
        assert diagnosis[case]["assessment.completed"] == 1, case
        assert sum(treatment[case][kind] for kind in PLANNED) == 1, case
    _check_clean(stack)


def _planned(stack: Stack, case: str) -> bool:
    reply = stack.ask("GET", f"/v1/cases/{case}")
    return reply.status == 200 and reply.json()["progress"]["state"] == "planned"


def _check_clean(stack: Stack) -> None:
    """No repeated submission made a second case; nothing waits, and nothing is set aside."""
    twice = "SELECT reference FROM cases WHERE reference LIKE 'COMPOSE-%' GROUP BY reference"
    assert stack.query("intake", f"{twice} HAVING count(*) > 1") == []
    for service in ("intake", "diagnosis", "treatment"):
        eventually(
            lambda service=service: (
                stack.query(service, "SELECT count(*) FROM outbox_pending") == [["0"]]
            ),
            f"the empty outbox of {service}",
        )
        assert stack.query(service, "SELECT count(*) FROM inbox_parked") == [["0"]], service
        waiting = "SELECT count(*) FROM dead_letter WHERE status <> 'skipped'"
        assert stack.query(service, waiting) == [["0"]], service
