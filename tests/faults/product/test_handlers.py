"""A service with a bug: its cases wait, a repair loses nothing: scenarios 17, 18 and 19."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from tests.faults.product import sick
from tests.faults.product.plant import CASES, PLANNED, Plant, plant
from tests.faults.product.promises import a_case
from tests.system.sites import BOTH, site

from chassis.messaging.operating import role_state
from chassis.messaging.operating.dead_letters import redrive

SICK_AGE, DEADLY_AGE = 66, 77
REVISIONS = 4
FALL_ILL_AT = (1, 1, 2, 3, 4)
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
    return works.accepted(a_case(age_years=age))


def test_cases_that_meet_a_bug_wait_for_its_repair_and_lose_nothing(works: Plant) -> None:
    with ExitStack() as weapons, _bug(works, SICK_AGE, "raise"):
        others = [_case_that_falls_ill_at(works, None) for _ in range(5)]
        ill = {_case_that_falls_ill_at(works, number): number for number in FALL_ILL_AT}
        works.product.kill("diagnosis", "worker")
        works.until(
            lambda: works.count("intake", "results", stopped_by="diagnosis") == len(ill), "stops"
        )
        works.settle(but=sum(REVISIONS - number + 1 for number in ill.values()))
        # what came before a case fell ill was done, in order, and nothing of what came after
        before = {case_id: number - 1 for case_id, number in ill.items()}
        before |= dict.fromkeys(others, REVISIONS)
        assert _reached(works) == before
        assert _planned(works) == {
            case_id: list(range(1, last + 1)) for case_id, last in before.items() if last
        }
        assert {works.progress(case_id)["state"] for case_id in others} == {"planned"}
        sick_case = next(iter(ill))
        assert works.progress(sick_case) == {
            "state": "stopped",
            "outcome": None,
            "waiting_for": "assessment",
            "stopped": {"by": "diagnosis", "reason_code": "handler-failed"},
        }

        for point in ("worker.inside_claim", "worker.after_claim", "worker.inside_retry"):
            weapons.enter_context(works.armed("diagnosis", point))
        # while all are still ill, or one that is tried again just now would be missing
        with works.databases["diagnosis"].write() as connection:
            assert redrive(connection, works.tables("diagnosis").INBOX) == len(ill)

    for left in range(len(ill) - 1, 0, -1):
        works.until(
            lambda most=left: works.count("diagnosis", "dead_letter", status="retry") <= most,
            f"all but {left} to be done",
        )
        works.product.kill("diagnosis", "worker")

    works.settle()
    assert works.progress(sick_case)["state"] == "planned"
    assert not works.count("diagnosis", "dead_letter", status="open")


def test_a_case_that_kills_its_worker_is_set_aside_after_few_deaths(works: Plant) -> None:
    before = _deaths(works)
    with _bug(works, DEADLY_AGE, "die"):
        deadly, other = _submit(works, DEADLY_AGE), _submit(works, 50)
        works.until(
            lambda: works.progress(deadly)["stopped"], "the deadly case to be set aside", 90.0
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
            works.accepted()
        works.until(lambda: "circuit is open" in works.log_text("diagnosis"), "the circuit to open")
        spoilt = works.count("diagnosis", "dead_letter") - before
        assert spoilt <= MOST_IN_A_ROW
        last = works.accepted()
        works.until(lambda: _is_seen_from_outside(works), "those who watch to see it")
        assert works.progress(last)["state"] == "submitted"
        assert works.count("diagnosis", "dead_letter") - before == spoilt
        for _ in range(MOST_IN_A_ROW):
            works.accepted()
        with works.armed("diagnosis", "worker.after_circuit"):
            works.product.kill("diagnosis", "worker")

    works.product.kill("diagnosis", "worker")  # the next one may have met the bug as well
    with works.databases["diagnosis"].write() as connection:
        redrive(connection, works.tables("diagnosis").INBOX)
    works.settle(within=60)


def _case_that_falls_ill_at(works: Plant, number: int | None) -> str:
    """A case of several revisions, with which diagnosis cannot cope from one of them on."""
    case_id = _submit(works, SICK_AGE if number == 1 else 50)
    for revision in range(1, REVISIONS):
        ill = number is not None and revision + 1 >= number
        works.revise(case_id, revision, age_years=SICK_AGE if ill else 50)
    return case_id


def _reached(works: Plant) -> dict[str, int]:
    rows = works.rows("diagnosis", "inbox_stream", topic=CASES)
    return {row.subject: row.last_seq for row in rows}


def _planned(works: Plant) -> dict[str, list[int]]:
    """The revisions of each case for which there is a plan, in the order in which it was made."""
    found: dict[str, list[int]] = {}
    for row in sorted(works.rows("treatment", "audit"), key=lambda row: row.id):
        if row.action in PLANNED:
            found.setdefault(row.subject, []).append(row.revision)
    return found


def _is_seen_from_outside(works: Plant) -> bool:
    """Its note for operators, and on servers its figure and its red light."""
    noted = role_state.read(works.product.data / "diagnosis" / "run", "worker")
    if works.site.embedded:
        return bool(noted and noted["circuit_open"])
    if not (noted and noted["circuit_open"]):
        return False
    ready, report = works.look("diagnosis", "worker", "/readyz")
    assert (ready, "circuit" in report) == (503, True), report
    assert works.look("diagnosis", "worker", "/livez")[0] == 200, "a new start would not help"
    return works.figure("diagnosis", "worker", "consumer_circuit_open") == 1


def _deaths(works: Plant) -> int:
    return (works.product.data / "up.log").read_text().count("diagnosis-worker ended")
