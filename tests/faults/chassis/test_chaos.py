"""What a broker, a producer or a program can do wrong: scenarios 13 to 18, 20 and 22."""

import random
import resource
import time
from contextlib import closing

from sqlalchemy import select
from tests.faults.chassis.floor import Floor
from tests.faults.chassis.toy import ORDERS, TENANT, Shop
from tests.support.chaos import ChaosBroker, Faults
from tests.support.log import read_log
from tests.support.waiting import eventually

from chassis.messaging.operating.dead_letters import heads, marks, redrive, republish
from chassis.messaging.operating.reconciling import reconcile
from chassis.messaging.port import Ok, Outgoing

SUBJECTS = [f"chair-{number}" for number in range(100)]


def test_every_message_may_come_five_times(floor: Floor) -> None:
    floor.place(SUBJECTS, revisions=3)
    floor.run("relay", "shop", faults={"duplicate": 1.0})
    floor.run("both", "mill", faults={"duplicate": 1.0})
    floor.run("worker", "shop")
    floor.settle()
    assert floor.logged() >= 2 * len(floor.accepted)


def test_messages_may_come_in_any_order(floor: Floor) -> None:
    floor.place(SUBJECTS[:10], revisions=30)
    floor.run("relay", "shop", faults={"reorder": 1.0})
    floor.run("both", "mill", faults={"reorder": 1.0})
    floor.run("worker", "shop")
    floor.settle()
    assert floor.mill.count(floor.mill.inbox.parked) == 0
    arrived = [place for place, stream in _order_of(floor)]
    assert arrived != sorted(arrived), "the fault was not injected"


def test_an_event_that_the_broker_lost_stops_one_subject_is_found_and_published_again(
    floor: Floor,
) -> None:
    lossy = Shop(floor.folder)
    lossy.broker = ChaosBroker(
        lossy.log, Faults(vanish=lambda record: b"chair-7" in (record.key or b""))
    )
    floor.accepted += lossy.place_all(["chair-7"])
    with closing(lossy.relay()) as relay:
        relay.step()
    floor.place(SUBJECTS[:20], revisions=2)
    floor.run("both", "shop")
    floor.run("both", "mill")
    floor.until(
        lambda: floor.mill.count(floor.mill.effects) == len(floor.accepted) - 3, "all others"
    )
    floor.until(lambda: floor.mill.count(floor.mill.inbox.parked) == 2, "the followers to park")
    asked = time.monotonic()
    with floor.shop.database.read() as there, floor.mill.database.read() as here:
        lost = reconcile(
            heads(there, floor.shop.outbox, ORDERS), marks(here, floor.mill.inbox, ORDERS)
        )
    assert [(found.subject, found.kind) for found in lost] == [("chair-7", "missing")]
    assert time.monotonic() - asked < 60
    with floor.shop.database.write() as connection:
        republish(connection, floor.shop.outbox, ORDERS, (TENANT, "chair-7"), 1, lost[0].head)
    floor.settle()


def test_garbage_becomes_dead_letters_and_the_partition_goes_on(floor: Floor) -> None:
    garbage = [
        Outgoing(ORDERS, b"acme:chair-1", [], b"\xff\xfe"),
        Outgoing(ORDERS, b"acme:chair-2", [("ce_id", b"1"), ("ce_type", b"order.placed")], b"{}"),
        Outgoing(ORDERS, None, [("ce_sequence", b"x")], b""),
    ]
    for _ in range(4):
        assert all(isinstance(result, Ok) for result in floor.shop.log.publish(garbage, 5))
    floor.run("both", "shop")
    worker = floor.run("both", "mill")
    started = worker.pid
    floor.place(SUBJECTS)
    floor.settle()
    assert (
        floor.mill.count(floor.mill.inbox.dead, status="open", reason_code="unreadable-headers")
        == 12
    )
    assert worker.alive
    assert worker.pid == started


def test_a_bug_for_a_few_subjects_is_fixed_and_redriven_under_kills(floor: Floor) -> None:
    chance = random.Random(17)
    broken = ["chair-13", "chair-77"]
    floor.mill.break_for("raise", broken)
    processes = [floor.run("both", "shop"), floor.run("both", "mill")]
    for _ in range(6):
        floor.place(SUBJECTS)
        chance.choice(processes).restart()
    whole = [subject for subject in SUBJECTS if subject not in broken]
    floor.until(
        lambda: all(floor.made(subject) == [1, 2, 3, 4, 5, 6] for subject in whole),
        "the others",
        60,
    )
    assert all(floor.made(subject) == [] for subject in broken)
    floor.mill.fix("raise")
    with floor.mill.database.write() as connection:
        redrive(connection, floor.mill.inbox)
    for _ in range(3):
        chance.choice(processes).restart()
    floor.settle(within=60)


def test_a_message_that_kills_its_process_is_found_and_the_others_go_on(floor: Floor) -> None:
    floor.mill.break_for("die", ["chair-42"])
    floor.place(SUBJECTS)
    floor.run("both", "shop")
    floor.run("relay", "mill")
    worker = floor.run("worker", "mill")
    for _ in range(4):
        worker.died()
        worker.restart()
    dead = floor.mill.inbox.dead
    floor.until(
        lambda: floor.mill.count(dead, subject="chair-42", reason_code="process-died"), "quarantine"
    )
    floor.until(lambda: floor.mill.count(floor.mill.effects) == len(SUBJECTS) - 1, "the others")
    floor.mill.fix("die")
    with floor.mill.database.write() as connection:
        redrive(connection, floor.mill.inbox)
    if not worker.alive:
        worker.restart()
    floor.settle()


def test_an_event_too_large_for_the_broker_holds_its_subject_only(floor: Floor) -> None:
    floor.place(SUBJECTS[:20], revisions=2)
    outbox = floor.shop.outbox.events
    with floor.shop.database.write() as connection:
        large = outbox.update().where(outbox.c.subject == "chair-5", outbox.c.seq == 1)
        connection.execute(
            large.values(payload=b"x" * 900_000, headers=_long_headers(connection, outbox))
        )
    relay = floor.run("relay", "shop")
    floor.run("both", "mill")
    floor.until(lambda: floor.shop.count(floor.shop.outbox.pending, hold=1) == 1, "the hold")
    floor.until(lambda: floor.mill.count(floor.mill.effects) == 38, "the others")
    assert relay.alive
    assert floor.made("chair-5") == []


def test_a_full_disk_says_so_keeps_what_was_kept_and_needs_no_repair(floor: Floor) -> None:
    shop, mill = floor.run("both", "shop"), floor.run("both", "mill")
    floor.place(SUBJECTS)
    floor.until(
        lambda: floor.shop.count(floor.shop.effects) == len(floor.accepted), "the first parts"
    )
    for process in (shop, mill):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
    floor.place(SUBJECTS)
    floor.until(
        lambda: "the relay could not work" in shop.text() or "did not take" in shop.text(),
        "the complaint",
    )
    assert shop.alive
    assert mill.alive
    for process in (shop, mill):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    floor.settle()
    assert shop.alive
    assert mill.alive


def _order_of(floor: Floor) -> list[tuple[int, object]]:
    found = list(read_log(floor.shop.log, ORDERS))
    subject = found[0][0]
    return [(sequence, stream) for stream, sequence in found if stream == subject]


def _long_headers(connection: object, outbox: object) -> str:
    row = connection.execute(select(outbox.c.headers).limit(1)).scalar_one()  # type: ignore[attr-defined]
    return row[:-1] + ',["x-padding","' + "x" * 200_000 + '"]]'


def test_the_ledger_sees_what_is_lost(floor: Floor) -> None:
    floor.place(["chair"])
    tables = floor.shop.outbox
    with floor.shop.database.write() as connection:
        connection.execute(tables.pending.delete())
        connection.execute(tables.events.delete())
    found = eventually(floor.findings)
    assert {finding[:2] for finding in found} >= {"I1", "I2"}
