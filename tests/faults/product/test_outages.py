"""Kafka or Postgres is gone, for a while or in a blink: scenarios 7, 10 and 22 on servers."""

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import urllib3
from tests.faults.product.clients import DOCUMENTED, load
from tests.faults.product.grounds import Ground, ground
from tests.faults.product.plant import SERVICES, Plant, a_case
from tests.system.product import Reply, eventually

pytestmark = pytest.mark.servers

OUTAGE_S = float(os.environ.get("OUTAGE_S") or 6.0)
"""How long servers are away; the proof needs a few seconds, OUTAGE_S=60 is the long form."""
REFUSED_WITHIN_S = 2.0
BACK_WITHIN_S = 60.0
SMALL_DISK = 48 * 2**20


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("own")) as ready:
        yield ready


def test_without_a_broker_every_case_is_accepted_and_travels_later(own: Ground) -> None:
    works, pids = own.works, _pids(own.works)
    with load(works) as clients:
        own.kafka.kill()
        began = time.monotonic()
        works.until(lambda: _figure(works, "intake", "outbox_oldest_age_seconds") > 1, "its age")
        works.until(lambda: time.monotonic() - began > OUTAGE_S, "the outage", OUTAGE_S + 5)
        accepted = len(clients.answers)
        own.kafka.restart()

    assert accepted > 0
    assert clients.statuses <= DOCUMENTED
    works.settle(within=BACK_WITHIN_S)
    assert _pids(works) == pids
    works.until(lambda: _figure(works, "intake", "outbox_oldest_age_seconds") == 0, "no age")


def test_without_a_database_requests_are_refused_at_once_and_workers_wait(own: Ground) -> None:
    works, pids = own.works, _pids(own.works)
    for _ in range(3):
        works.submit()  # their results find the door locked
    body = a_case()

    own.postgres.kill()
    began = time.monotonic()
    for _ in range(3):
        refused, took = _timed(works, body, "locked-out")
        _expect_unavailable(refused)
        assert took < REFUSED_WITHIN_S
    works.until(lambda: time.monotonic() - began > OUTAGE_S, "the outage", OUTAGE_S + 5)
    own.postgres.restart()

    works.insist("/v1/cases", body, "locked-out")
    works.settle(within=BACK_WITHIN_S)
    assert _pids(works) == pids


def test_a_database_that_blinks_under_load_loses_nothing(own: Ground) -> None:
    with load(own.works) as clients:
        for _ in range(3):
            before = len(clients.answers)
            own.works.until(lambda seen=before: len(clients.answers) > seen + 10, "some answers")
            own.postgres.kill()
            own.postgres.restart()

    assert clients.statuses <= DOCUMENTED
    own.works.settle(within=BACK_WITHIN_S)


def test_both_may_be_gone_at_once(own: Ground) -> None:
    with load(own.works) as clients:
        own.kafka.kill()
        own.postgres.kill()
        own.works.until(lambda: 503 in clients.statuses, "a refusal")
        own.postgres.restart()
        own.kafka.restart()

    assert clients.statuses <= DOCUMENTED
    own.works.settle(within=BACK_WITHIN_S)


def test_a_full_disk_is_said_so_and_leaves_nothing_half_done(own: Ground) -> None:
    works = own.works
    with _small_disk(own.postgres.folder / "small", own) as disk:
        works.insist("/v1/cases", a_case(), "on-the-small-disk")  # with new connections
        with _full(disk):
            refused = eventually(lambda: _refused(works), "a full disk")
            _expect_unavailable(refused)
            assert works.product.ask("GET", "/v1/cases").status == 200
        works.insist("/v1/cases", a_case(), "after-the-disk-was-full")
        works.settle(within=BACK_WITHIN_S)


def _refused(works: Plant) -> Reply | None:
    """Cases that need room, and do not shrink when they are stored; the first that finds none."""
    body = a_case()
    body["decisions"] = body.get("decisions", {}) | {"patient_goal": secrets.token_hex(700)}
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda _: works.submit(body), range(40)))
    assert {answer.status for answer in answers} <= DOCUMENTED, answers
    return next((answer for answer in answers if answer.status == 503), None)


def _timed(works: Plant, body: object, key: str) -> tuple[Reply, float]:
    began = time.monotonic()
    return works.submit(body, key), time.monotonic() - began


def _pids(works: Plant) -> dict[str, list[int]]:
    roles = works.site.roles
    return {f"{s} {role}": works.product.pids(s, role) for s in SERVICES for role in roles}


def _figure(works: Plant, service: str, name: str) -> float:
    """What the relay of a service tells on its port."""
    port = works.product.note["ports"][f"{service}-relay"]
    told = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode()
    found = re.search(rf"^{name}(?:{{.*}})? (.+)$", told, re.MULTILINE)
    assert found, told
    return float(found[1])


def _expect_unavailable(reply: Reply) -> None:
    assert reply.status == 503, reply.text
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert int(reply.headers["retry-after"]) > 0


@contextmanager
def _small_disk(place: Path, own: Ground) -> Iterator[Path]:
    """The database of intake lies on a disk of its own within the block."""
    name = own.works.site.databases["intake"].rpartition("/")[2]
    place.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=777", "tmpfs", str(place)],
        check=True,
    )
    try:
        own.postgres.admin(f"CREATE TABLESPACE small LOCATION '{_made(place)}'")
        _move(own, name, "small")
        yield place
        _move(own, name, "pg_default")
        own.postgres.admin("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


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
