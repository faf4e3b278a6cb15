"""Old and new side by side, and clocks that disagree: scenarios 27 and 32."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.product import skewed, tomorrow
from tests.faults.product.plant import ASSESSMENTS, CASES, Plant, plant
from tests.faults.product.topics import Topics, case_of
from tests.system.sites import BOTH, site

HOUR = 3_600


@pytest.fixture(params=BOTH)
def rolling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    place = site(request.param, request)
    with plant(tmp_path / "works", place, (tomorrow.__file__,)) as works:
        yield works


@pytest.fixture(params=BOTH)
def disagreeing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    place = site(request.param, request)
    with plant(tmp_path / "works", place, (skewed.__file__,)) as works:
        yield works


def test_versions_roll_out_one_process_after_the_other(rolling: Plant) -> None:
    works, topics = rolling, Topics(rolling.log)
    works.accepted(Prefer="wait=20")
    with works.frozen("diagnosis"):
        old = _a_case_with_revision(works)
        works.until(
            lambda: works.count("intake", "outbox_pending") == 0, "the old one's words in the log"
        )
        (works.product.data / "tomorrow").write_text("yes")
        works.product.kill("diagnosis", "worker")
    works.until(lambda: works.progress(old)["state"] == "planned", "the new one to read the old")

    works.product.kill("intake", "api")
    works.until(works.product.is_ready, "the new door")
    new = _a_case_with_revision(works)

    works.settle()
    for topic, case_id, more in ((CASES, old, False), (CASES, new, True), (ASSESSMENTS, new, True)):
        found = [record for record in topics.read(topic) if case_of(record) == case_id]
        assert found
        assert {tomorrow.FIELD.encode() in record.value for record in found} == {more}
        assert {tomorrow.HEADER in dict(record.headers) for record in found} == {more}


def test_clocks_that_jump_and_disagree_change_no_order(disagreeing: Plant) -> None:
    works = disagreeing
    for off in ((HOUR, -HOUR, 0), (-HOUR, HOUR, -HOUR), (0, 0, HOUR), (0, 0, 0)):
        hours = zip(("intake", "diagnosis", "treatment"), off, strict=True)
        (works.product.data / "clocks").write_text("".join(f"{n} {s}\n" for n, s in hours))
        for _ in range(3):
            works.revise(works.planned(), 1)
        works.product.kill("treatment", "worker")

    works.settle()
    assert _spread(works) > HOUR


def _a_case_with_revision(works: Plant) -> str:
    case_id = works.accepted()
    works.revise(case_id, 1)
    return case_id


def _spread(works: Plant) -> float:
    """By how many seconds the services' notes of the same minute differ."""
    at = [row.at for name in ("intake", "diagnosis") for row in works.rows(name, "audit")]
    return (max(at) - min(at)) / 1_000_000
