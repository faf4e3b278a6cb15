"""SIGKILL at every line of relay and worker, in the running product: scenarios 3 and 4."""

import pytest
from tests.faults.product.plant import SERVICES, Plant

RELAY_POINTS = (
    "relay.before_send",
    "local.before_commit",
    "relay.after_send",
    "relay.inside_mark",
    "relay.after_mark",
)
WORKER_POINTS = (
    "worker.before_offset",
    "worker.after_offset",
    "worker.after_lock",
    "worker.after_handlers",
    "worker.after_marks",
    "worker.before_commit",
    "worker.after_commit",
    "worker.after_report",
)
# every point in one service, every service at several points; neighbours are not the same,
# because the supervisor lets a child that dies again and again wait
DEATHS = [
    (SERVICES[number % 3], point) for number, point in enumerate(RELAY_POINTS + WORKER_POINTS)
]


@pytest.mark.parametrize(("service", "point"), DEATHS)
def test_whichever_line_it_dies_at_everything_is_applied_once(
    works: Plant, service: str, point: str
) -> None:
    with works.armed(service, point):
        for _ in range(3):
            case_id = works.submit().json()["case_id"]
            works.revise(case_id, 1)

    works.settle()
    works.until(lambda: works.product.pids(service, "worker"), "its return")
