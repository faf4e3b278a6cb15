"""What the log does to us: repeats, disorder, a hole, and nonsense. Scenarios 13 to 16."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from tests.faults.product.conftest import Pool
from tests.faults.product.plant import ASSESSMENTS, CASES, PLANS, SERVICES, Plant
from tests.faults.product.topics import Topics, again, case_of, header, waiting
from tests.system.sites import BOTH

from chassis.clock import new_id, now_us
from chassis.messaging.operating.dead_letters import heads, marks, republish
from chassis.messaging.operating.reconciling import reconcile
from chassis.messaging.port import Outgoing
from chassis.messaging.sending.pending import PendingEvents

HEARERS = {CASES: ("diagnosis",), ASSESSMENTS: ("treatment", "intake"), PLANS: ("intake",)}


@pytest.fixture(scope="module", params=BOTH)
def works(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Plant]:
    """A product of its own: what it logs is counted, and nonsense stays in its event log."""
    pool.end(request.param)
    yield pool.lend(request.param, request)
    pool.end(request.param)


@pytest.fixture(scope="module")
def topics(works: Plant) -> Topics:
    return Topics(works.log)


def test_what_is_delivered_up_to_five_times_is_applied_once(works: Plant, topics: Topics) -> None:
    chance = random.Random(13)
    for _ in range(10):
        works.revise(works.accepted(), 1)
    works.settle()
    before = {name: _outcomes(works, name).count("duplicate") for name in SERVICES}

    injected = {topic: topics.repeat(topic, chance) for topic in HEARERS}

    expected = dict.fromkeys(SERVICES, 0)
    for topic, names in HEARERS.items():
        for name in names:
            expected[name] += injected[topic]

    def seen(name: str) -> int:
        return _outcomes(works, name).count("duplicate") - before[name]

    works.until(  # a relay may have sent something twice besides
        lambda: all(seen(name) >= expected[name] for name in SERVICES),
        f"as many duplicates as were injected, {expected}",
    )
    works.settle()


def test_disorder_is_waited_out(works: Plant, topics: Topics) -> None:
    chance = random.Random(14)
    with works.frozen("intake"):
        for _ in range(8):
            case_id = works.accepted()
            for revision in range(1, 5):
                works.revise(case_id, revision)
        records = waiting(works.rows("intake", "outbox"))
        assert len(records) == 40
        works.shuffled |= {case_of(record) for record in records}
        topics.append(chance.sample(records, 40))
        works.until(lambda: _applied(works, case_id) == 5, "its order to be found again")

    works.settle()
    assert "parked" in _outcomes(works, "diagnosis")
    assert works.count("diagnosis", "inbox_parked") == 0


def test_a_hole_stops_its_case_alone_and_publishing_again_heals_it(
    works: Plant, topics: Topics
) -> None:
    with works.frozen("intake"):
        hurt, other = (works.accepted() for _ in range(2))
        works.shuffled.add(hurt)  # what is published again comes last
        for case_id in (hurt, other):
            works.revise(case_id, 1)
        _lose(works, hurt, 1)

    works.until(lambda: works.count("diagnosis", "inbox_parked") == 1, "parking")
    works.until(lambda: works.progress(other)["state"] == "planned", "the other case")
    assert works.progress(hurt)["state"] == "submitted"
    assert (hurt, 1) not in topics.places(CASES)
    assert [(d.subject, d.head, d.last, d.kind) for d in _differences(works)] == [
        (hurt, 2, 0, "missing")
    ]

    with works.databases["intake"].write() as connection:
        tables = works.tables("intake").OUTBOX
        assert republish(connection, tables, CASES, ("demo", hurt), 1, 1) == 1

    works.settle()
    assert _differences(works) == []


def test_nonsense_is_buried_and_nobody_stumbles(works: Plant, topics: Topics) -> None:
    good = works.accepted(Prefer="wait=20")
    works.settle()
    pids = {name: works.product.pids(name, "worker") for name in SERVICES}

    for topic, hearers in HEARERS.items():
        model = [again(kept) for kept in topics.read(topic) if case_of(kept) == good][-1]
        nonsense = _nonsense(works, model)
        topics.append(nonsense.values())
        for name in hearers:
            _expect_reasons(works, name, topic, sorted(nonsense))
        # between them something must go well, or the breaker thinks that the program is broken
        works.planned()

    works.settle()
    assert pids == {name: works.product.pids(name, "worker") for name in SERVICES}


def _nonsense(works: Plant, model: Outgoing) -> dict[str, Outgoing]:
    """One record for each way of being wrong, by the reason that its dead letter should give."""
    schema = f"/schemas/{header(model, 'ce_type')}/2".encode()
    return {
        "unreadable-event": _forged(works, model, b"\xff\xfe not json"),
        "unreadable-event ": _forged(works, model, orjson.dumps({"about": "nothing"})),
        "unknown-version": _forged(works, model, model.value, ce_dataschema=schema),
        "unreadable-headers": replace(model, headers=()),
        "unreadable-headers ": _forged(works, model, model.value, ce_specversion=b"9.9"),
    }


def _expect_reasons(works: Plant, service: str, topic: str, expected: list[str]) -> None:
    def found() -> list[str]:
        """Why its letters are dead; the second of a kind is told apart by a blank."""
        codes = sorted(row.reason_code for row in works.rows(service, "dead_letter", topic=topic))
        # that others set a forged case aside is heard as well, about a case that nobody knows
        own = [code for code in codes if code != "unknown-revision"]
        return sorted(code + " " * own[:place].count(code) for place, code in enumerate(own))

    works.until(lambda: found() == expected, f"{expected}, dead in {service}", found=found)


def _forged(works: Plant, model: Outgoing, value: bytes, **changed: bytes) -> Outgoing:
    """The first message of a case that intake has never heard of."""
    case_id, event_id = new_id(), new_id()
    works.forged.append(event_id)
    named = {"ce_id": event_id, "ce_subject": case_id, "ce_sequence": "1"}
    fresh = {name: text.encode() for name, text in named.items()} | changed
    headers = tuple((name, fresh.get(name, content)) for name, content in model.headers)
    return replace(model, key=f"demo:{case_id}".encode(), headers=headers, value=value)


def _differences(works: Plant) -> list[object]:
    with works.databases["intake"].read() as connection:
        produced = heads(connection, works.tables("intake").OUTBOX, CASES)
    with works.databases["diagnosis"].read() as connection:
        applied = marks(connection, works.tables("diagnosis").INBOX, CASES)
    return list(reconcile(produced, applied))


def _applied(works: Plant, case_id: str) -> int:
    """The number up to which diagnosis has applied the events of a case."""
    rows = works.rows("diagnosis", "inbox_stream", topic=CASES, subject=case_id)
    return int(rows[0].last_seq) if rows else 0


def _lose(works: Plant, case_id: str, sequence: int) -> None:
    """Notes an event as sent, as if the broker had said so and then forgotten it."""
    (row,) = works.rows("intake", "outbox", subject=case_id, seq=sequence)
    with works.databases["intake"].write() as connection:
        shelf = PendingEvents(works.tables("intake").OUTBOX)
        shelf.move_to_sent(connection, [row.id], now_us())


def _outcomes(works: Plant, service: str) -> list[str]:
    log: Path = works.product.data / "logs" / f"{service}-worker.log"
    whole = log.read_bytes().rpartition(b"\n")[0]  # the last line may be half written
    lines = (orjson.loads(line) for line in whole.splitlines() if b'"outcome"' in line)
    return [line["outcome"] for line in lines]
