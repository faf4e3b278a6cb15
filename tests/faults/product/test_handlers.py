"""A service with a bug: its cases wait, a repair loses nothing: scenarios 17, 18 and 19."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.faults.product import sick
from tests.faults.product.plant import CASES, Plant, a_case, plant
from tests.system.sites import BOTH, site

from chassis.messaging.dead_letters import redrive

SICK_AGE, DEADLY_AGE = 66, 77
MOST_RESTARTS = 4
MOST_IN_A_ROW = 10


@pytest.fixture(scope="module", params=BOTH)
def works(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    place = site(request.param, request)
    with plant(tmp_path_factory.mktemp("works"), place, (sick.__file__,)) as running:
        yield running


@contextmanager
def _bug(works: Plant, age: int | str, what: str) -> Iterator[None]:
    bug = works.product.data / "bug"
    bug.write_text(f"{age} {what}\n")
    yield
    bug.unlink()


def _submit(works: Plant, age: int) -> str:
    case_id: str = works.submit(a_case(age_years=age)).json()["case_id"]
    return case_id


def test_cases_that_meet_a_bug_wait_for_its_repair_and_lose_nothing(works: Plant) -> None:
    with _bug(works, SICK_AGE, "raise"):
        for _ in range(5):
            sick_case, other = _submit(works, SICK_AGE), _submit(works, 50)
            for case_id in (sick_case, other):
                works.revise(case_id, 1)
        works.product.kill("diagnosis", "worker")
        works.until(
            lambda: works.count("intake", "documents", stopped_by="diagnosis") == 5, "stops"
        )
        works.settle(but=10)
        blocked = works.rows("diagnosis", "inbox_stream", topic=CASES)
        assert sorted(stream.last_seq for stream in blocked) == [0] * 5 + [2] * 5
        assert works.progress(other)["state"] == "planned"
        assert works.progress(sick_case) == {
            "state": "stopped",
            "outcome": None,
            "waiting_for": "assessment",
            "stopped": {"by": "diagnosis", "reason_code": "handler-failed"},
        }

    with (
        works.armed("diagnosis", "worker.after_claim"),
        works.armed("diagnosis", "worker.inside_retry"),
        works.databases["diagnosis"].write() as connection,
    ):
        assert redrive(connection, works.tables("diagnosis").INBOX) == 5

    works.settle()
    assert works.progress(sick_case)["state"] == "planned"
    assert not works.count("diagnosis", "dead_letter", status="open")


def test_a_case_that_kills_its_worker_is_set_aside_after_few_deaths(works: Plant) -> None:
    before = _deaths(works)
    with _bug(works, DEADLY_AGE, "die"):
        deadly, other = _submit(works, DEADLY_AGE), _submit(works, 50)
        works.until(
            lambda: works.progress(deadly)["stopped"], "the deadly case to be set aside", 40.0
        )
        works.until(lambda: works.progress(other)["state"] == "planned", "the other case")
        assert _deaths(works) - before <= MOST_RESTARTS
        works.settle(but=1)
        (letter,) = works.rows("diagnosis", "dead_letter", subject=deadly)
        assert letter.reason_code == "process-died"

    with works.databases["diagnosis"].write() as connection:
        assert redrive(connection, works.tables("diagnosis").INBOX, subject=deadly) == 1

    works.settle()


def test_a_program_that_fails_always_is_stopped_before_it_spoils_everything(works: Plant) -> None:
    before = works.count("diagnosis", "dead_letter")
    with _bug(works, "any", "raise"):
        for _ in range(MOST_IN_A_ROW + 5):
            works.submit()
        works.until(lambda: "circuit is open" in _words(works), "the circuit to open")
        spoilt = works.count("diagnosis", "dead_letter") - before
        last = works.submit()
        assert last.status == 202
        assert works.progress(last.json()["case_id"])["state"] == "submitted"
        assert works.count("diagnosis", "dead_letter") - before == spoilt
    works.product.kill("diagnosis", "worker")

    assert spoilt <= MOST_IN_A_ROW
    with works.databases["diagnosis"].write() as connection:
        redrive(connection, works.tables("diagnosis").INBOX)
    works.settle(within=60)


def _words(works: Plant) -> str:
    """What the worker of diagnosis has said."""
    return (works.product.data / "logs" / "diagnosis-worker.log").read_text()


def _deaths(works: Plant) -> int:
    return (works.product.data / "up.log").read_text().count("diagnosis-worker ended")
