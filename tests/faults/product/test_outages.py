"""Kafka or Postgres is gone, for a while or in a blink: scenarios 7, 10 and 22 on servers."""

import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kafka import KafkaAdminClient
from tests.faults.product.clients import ACCEPTED, expect_refusals, is_refusal, load
from tests.faults.product.grounds import Ground, ground
from tests.faults.product.plant import SERVICES, Plant
from tests.faults.product.promises import a_case
from tests.system.product import eventually

from chassis.clock import new_id

pytestmark = pytest.mark.servers

OUTAGE_S = 60.0
LOOKS_AT_S = (20.0, 40.0, OUTAGE_S)
LATE_S = 12.0
"""An age is looked up every five seconds, by a relay that may be busy trying for ten."""
LOADED_S = 60.0
LONGER_THAN_A_SESSION_S = 15.0
BACK_WITHIN_S = 60.0
SMALL_DISK = 48 * 2**20
BROKERS_DISK = 512 * 2**20


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("own"), prepare=_mount) as ready:
        yield ready


def test_without_a_broker_every_case_is_accepted_and_travels_later(own: Ground) -> None:
    works = own.works
    with load(works, clients=2) as clients:
        with works.armed("intake", "relay.before_pause"):
            own.kafka.kill()
            began = time.monotonic()
        works.until(lambda: works.look("intake", "relay", "/livez"), "the next relay", LOADED_S)
        pids = works.pids()
        for moment in LOOKS_AT_S:
            left = moment - (time.monotonic() - began)
            works.throughout(left, lambda: works.pids() == pids, "somebody was started again")
            assert moment - LATE_S < _age(works) < moment + LATE_S
        accepted = clients.since(began)
        own.kafka.restart()

    assert accepted.count(202) > OUTAGE_S
    assert clients.undocumented == []
    works.settle(within=BACK_WITHIN_S)
    assert works.pids() == pids
    works.until(lambda: _age(works) == 0, "no age")


def test_without_a_database_requests_are_refused_at_once_and_workers_wait(own: Ground) -> None:
    works, pids, body = own.works, own.works.pids(), a_case()
    with _groups(own) as members:
        works.until(lambda: _is_complete(members()), "all to be in their groups", BACK_WITHIN_S)
        before = members()
        for _ in range(3):
            works.accepted()  # their results find the door locked

        own.postgres.kill()
        began = time.monotonic()
        expect_refusals(works)
        assert works.submit(body, "locked-out").status == 503
        works.throughout(
            LONGER_THAN_A_SESSION_S - (time.monotonic() - began),
            lambda: members() == before and works.pids() == pids,
            "a reader left its group",
        )
        own.postgres.restart()

        works.insist("/v1/cases", body, "locked-out")
        works.settle(within=BACK_WITHIN_S)
        assert members() == before
    assert works.pids() == pids


def test_a_database_that_blinks_under_load_loses_nothing(own: Ground) -> None:
    with load(own.works) as clients:
        for _ in range(3):
            before = len(clients.answers)
            own.works.until(lambda seen=before: len(clients.answers) > seen + 10, "some answers")
            own.postgres.kill()
            own.postgres.restart()

    assert clients.undocumented == []
    own.works.settle(within=BACK_WITHIN_S)


def test_both_may_be_gone_at_once(own: Ground) -> None:
    with load(own.works) as clients:
        own.kafka.kill()
        own.postgres.kill()
        own.works.until(lambda: 503 in clients.statuses, "a refusal")
        own.postgres.restart()
        own.kafka.restart()

    assert clients.undocumented == []
    own.works.settle(within=BACK_WITHIN_S)


def test_a_full_disk_of_the_broker_keeps_nobody_out_and_needs_no_repair(own: Ground) -> None:
    works, disk = own.works, own.kafka.folder / "broker-1" / "data"
    with load(works, clients=1) as clients:
        with _full(disk):
            began = time.monotonic()
            works.until(lambda: not own.kafka.runs(), "the broker to give up")
            late = works.accepted()
            assert works.progress(late)["state"] == "submitted"
            works.until(lambda: 202 in clients.since(began), "a client to be told")
        own.kafka.restart()

    assert clients.undocumented == []
    assert clients.hardly_refused
    works.settle(within=BACK_WITHIN_S)


def test_a_full_disk_is_said_so_and_leaves_nothing_half_done(own: Ground) -> None:
    works = own.works
    with _small_disk(own.postgres.folder / "small", own) as disk:
        works.insist("/v1/cases", a_case(), "on-the-small-disk")  # with new connections
        with _full(disk):
            refused = eventually(lambda: _refused(works), "a full disk")
            assert works.product.ask("GET", "/v1/cases").status == 200
        for key, body in refused.items():  # a commit without an answer may have been done
            works.insist("/v1/cases", body, key)
        works.insist("/v1/cases", a_case(), "after-the-disk-was-full")
        works.settle(within=BACK_WITHIN_S)


def _refused(works: Plant) -> dict[str, Any]:
    """Cases that need room, and do not shrink when they are stored; by key, those without any."""
    body = a_case()
    body["decisions"] = body.get("decisions", {}) | {"patient_goal": secrets.token_hex(700)}
    keys = [new_id() for _ in range(40)]
    with ThreadPoolExecutor(8) as clients:
        answers = dict(zip(keys, clients.map(partial(works.submit, body), keys), strict=True))
    refused = {key: body for key, answer in answers.items() if answer.status not in ACCEPTED}
    assert all(is_refusal(answers[key]) for key in refused), answers
    return refused


def _age(works: Plant) -> float:
    return works.figure("intake", "relay", "outbox_oldest_age_seconds")


def _is_complete(members: Mapping[str, set[str]]) -> bool:
    """Whether each service has somebody in its group."""
    return set(members) == set(SERVICES) and all(members.values())


@contextmanager
def _groups(own: Ground) -> Iterator[Callable[[], dict[str, set[str]]]]:
    """Gives a look at who is in which group, under the name that each got when it joined."""
    with closing(KafkaAdminClient(bootstrap_servers=own.kafka.bootstrap)) as admin:
        yield lambda: {
            name: {member["member_id"] for member in group["members"]}
            for name, group in admin.describe_groups(list(SERVICES)).items()
            if group["group_state"] == "Stable"
        }


def _mount(place: Path) -> None:
    """A disk of its own for a broker, of which nothing is taken before it is written to."""
    place.mkdir()
    _call("mount", "-t", "tmpfs", "-o", f"size={BROKERS_DISK}", "tmpfs", str(place))


def _call(*command: str) -> None:
    subprocess.run(command, check=True)


@contextmanager
def _small_disk(place: Path, own: Ground) -> Iterator[Path]:
    """The database of intake lies on a disk of its own within the block."""
    name = own.works.site.databases["intake"].rpartition("/")[2]
    place.mkdir()
    _call("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=777", "tmpfs", str(place))
    try:
        own.postgres.admin(f"CREATE TABLESPACE small LOCATION '{_made(place)}'")
        _move(own, name, "small")
        yield place
        _move(own, name, "pg_default")
        own.postgres.admin("DROP TABLESPACE small")
    finally:
        _call("umount", "--lazy", str(place))


def _made(place: Path) -> Path:
    folder = place / "tables"
    folder.mkdir(mode=0o700)
    shutil.chown(folder, "postgres", "postgres")
    return folder


def _move(own: Ground, name: str, tablespace: str) -> None:
    """Moves a database while its clients are shut out; they come back by themselves."""
    admin = own.postgres.admin
    admin(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    eventually(lambda: _moved(own, name, tablespace), "the move")
    admin(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def _moved(own: Ground, name: str, tablespace: str) -> bool:
    try:
        own.postgres.admin(f'ALTER DATABASE "{name}" SET TABLESPACE {tablespace}')
    except psycopg.errors.ObjectInUse:
        return False
    return True


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Not a byte is free on the disk within the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65_536):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()
