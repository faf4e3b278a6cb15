"""Who holds what only one may hold: files of the embedded default, or sessions and memberships."""

import fcntl
from pathlib import Path

from sqlalchemy import text
from tests.faults.product.plant import SERVICES, Plant

_ADVISORY = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
    "WHERE locktype = 'advisory' AND granted AND d.datname = current_database()"
)


def is_held(lock: Path) -> bool:
    """Whether a living process has locked a file."""
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def partition_locks(works: Plant, service: str) -> list[Path]:
    """The files of the partitions that a service reads."""
    return list((works.product.data / "events" / "locks" / service).iterdir())


def all_taken(works: Plant) -> bool:
    """Whether each outbox has its relay, and each worker its partitions."""
    if works.site.embedded:
        return all(map(is_held, _files(works)))
    return all(_sessions(works, name) and _is_assigned(works, name) for name in SERVICES)


def none_taken(works: Plant) -> bool:
    """Whether nobody holds anything any more."""
    if works.site.embedded:
        return not any(map(is_held, _files(works)))
    return not any(_sessions(works, name) for name in SERVICES)


def _files(works: Plant) -> list[Path]:
    relays = [works.product.data / name / "run" / "relay.lock" for name in SERVICES]
    return relays + [path for name in SERVICES for path in partition_locks(works, name)]


def _sessions(works: Plant, service: str) -> int:
    with works.databases[service].read() as connection:
        return int(connection.execute(_ADVISORY).scalar_one())


def _is_assigned(works: Plant, service: str) -> bool:
    try:
        return works.look(service, "worker", "/readyz")[0] == 200
    except OSError:
        return False  # it is not there yet, or has not said where
