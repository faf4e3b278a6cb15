"""A request that dies half-way, is repeated at once, or collides: scenarios 1, 23 and 24."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from tests.faults.product.plant import CASES, Plant
from tests.faults.product.promises import a_case
from tests.support.parties import Acknowledged
from tests.system.product import Reply, eventually

REQUEST_POINTS = (
    "request.before_insert",
    "request.after_insert",
    "request.before_commit",
    "request.before_answer",
)
STORED_BEFORE_DEATH = {"request.before_answer"}
AT_ONCE = 50


def test_the_books_of_the_product_are_not_read_blindly(works: Plant) -> None:
    with works.frozen("diagnosis"):
        case_id = works.accepted()
        works.until(lambda: works.count("intake", "outbox_pending") == 0, "the log")
        unfinished = works.findings()
        works.acknowledgements.append(Acknowledged(CASES, "demo", "never-accepted", 1))
        lost = works.findings(settled=False)
        works.acknowledgements.pop()

    assert [finding[:2] for finding in unfinished] == ["I7"]
    assert case_id in unfinished[0]
    assert [finding[:2] for finding in lost] == ["I1"]
    works.settle()


@pytest.mark.parametrize("point", REQUEST_POINTS)
def test_a_killed_request_is_repeated_with_its_key_and_done_once(works: Plant, point: str) -> None:
    body, key = a_case(), f"killed at {point}".replace(" ", "-")
    before = works.count("intake", "cases")

    with works.armed("intake", point):
        broken = works.submit(body, key)
        assert broken.status == 502, broken.text
        assert broken.headers["content-type"].startswith("application/problem+json")
    stored = works.count("intake", "cases") - before
    first, second = (works.insist("/v1/cases", body, key) for _ in range(2))

    assert stored == (1 if point in STORED_BEFORE_DEATH else 0)
    assert first.body == second.body
    assert works.count("intake", "cases") == before + 1
    case_id = first.json()["case_id"]
    assert [row.last_seq for row in works.rows("intake", "stream_head", subject=case_id)] == [1]
    works.settle()


def test_many_at_once_with_one_key_are_one_case_and_one_answer(works: Plant) -> None:
    body, before = a_case(), works.count("intake", "cases")

    with ThreadPoolExecutor(AT_ONCE) as clients:
        asked = [partial(works.submit, body, "one-key")] * AT_ONCE
        answers = list(clients.map(_answered, asked))

    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    assert works.count("intake", "cases") == before + 1
    works.settle()


def test_a_key_with_another_body_is_refused_and_belongs_to_its_clinic(works: Plant) -> None:
    body, before = a_case(), works.count("intake", "cases")
    first = works.insist("/v1/cases", body, "ours")

    changed = works.submit(a_case(), "ours")
    elsewhere = works.product.ask(
        "POST",
        "/v1/cases",
        body,
        token=works.product.token(tenant="another-clinic"),
        Idempotency_Key="ours",
        Prefer="wait=20",
    )

    assert changed.status == 422
    assert changed.json()["type"].endswith("idempotency-key-reused")
    assert elsewhere.status == 200, elsewhere.text
    assert elsewhere.json()["case_id"] != first.json()["case_id"]
    assert works.count("intake", "cases") == before + 2
    works.acknowledgements.append(
        Acknowledged(CASES, "another-clinic", elsewhere.json()["case_id"], 1)
    )
    works.settle()


def test_of_many_changes_of_one_revision_exactly_one_wins(works: Plant) -> None:
    case_id = works.accepted(Prefer="wait=20")

    with ThreadPoolExecutor(10) as clients:
        for revision in (1, 2, 3):
            answers = list(clients.map(works.revise, [case_id] * 10, [revision] * 10))
            assert sorted(answer.status for answer in answers) == [202] + [412] * 9

    works.settle()  # until then an event may move from one table to the other between two looks
    events = works.rows("intake", "waiting", subject=case_id)
    events += works.rows("intake", "published", subject=case_id)
    assert sorted(event.seq for event in events) == [1, 2, 3, 4]
    assert works.progress(case_id)["state"] == "planned"


def _answered(ask: Callable[[], Reply]) -> Reply:
    """What a client hears that asks again when it is told to: where all are busy, some are."""

    def asked() -> Reply | None:
        reply = ask()
        return None if "retry-after" in reply.headers else reply

    reply: Reply = eventually(asked, "an answer that is final")
    return reply
