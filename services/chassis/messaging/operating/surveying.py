"""What one service can say of every subject, so that two services can be compared."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chassis.messaging.operating import dead_letters, operations
from chassis.messaging.operating.health import examine
from chassis.messaging.operating.operated_service import OperatedService
from chassis.messaging.operating.printing import moment

Entry = Mapping[str, Any]
MOST: Final = 10_000


def survey(
    service: OperatedService,
    tenant_id: str | None,
    *,
    heads: bool,
    marks: bool,
    older_us: int | None,
) -> Iterator[Entry]:
    """Tell what is asked, in an order that somebody who compares can rely on.

    What was produced is read before the ends of the log, and where we stand in it before what was
    applied: then whatever was sent before, and lies before our position, is seen as applied.

    Args:
        service: the service.
        tenant_id: whose subjects; None for all.
        heads: tell what was produced.
        marks: tell what was applied.
        older_us: tell what waits since before this moment, if given.
    """
    yield from _heads(service, tenant_id) if heads else ()
    yield {"kind": "health", **examine(service).entry()}
    yield from _marks(service, tenant_id) if marks else ()
    if older_us is not None:
        yield from ({"kind": "parked", **one} for one in parked(service, tenant_id, older_us, MOST))
        found = unfinished(service, tenant_id, older_us, MOST)
        yield from ({"kind": "unfinished", **one} for one in found)


def parked(
    service: OperatedService, tenant_id: str | None, older_us: int, limit: int
) -> Iterator[Entry]:
    """Tell which subjects have messages that wait for one that does not come."""
    for row in operations.parked(service.tables, tenant_id, older_us, limit):
        yield {
            "tenant_id": row.tenant_id,
            "subject": row.subject,
            "topic": row.topic,
            "applied": row.last_seq,
            "first_parked": row.first,
            "messages": row.messages,
            "since": moment(row.since),
        }


def unfinished(
    service: OperatedService, tenant_id: str | None, older_us: int, limit: int
) -> Iterator[Entry]:
    """Tell what was accepted from outside and has no result."""
    if service.unfinished is None:
        return
    with service.tables.database.read() as connection:
        found = service.unfinished(connection, tenant_id, older_us, limit)
    yield from ({**one, "since": moment(one["since"])} for one in found)


def _heads(service: OperatedService, tenant_id: str | None) -> Iterator[Entry]:
    tables = service.tables
    with tables.database.read() as connection:
        waiting = dead_letters.unsent(connection, tables.outbox, service.speaks, tenant_id)
        found = dead_letters.heads(connection, tables.outbox, service.speaks, tenant_id)
    for (tenant, subject), last in found.items():
        sent = waiting.get((tenant, subject), last + 1) - 1
        yield {"kind": "head", "key": (tenant, subject), "last": last, "sent": sent}


def _marks(service: OperatedService, tenant_id: str | None) -> Iterator[Entry]:
    tables = service.tables
    for topic in service.hears:
        with tables.database.read() as connection:
            found = dead_letters.marks(connection, tables.inbox, topic, tenant_id)
        for key, (last, blocked) in found.items():
            yield {"kind": "mark", "topic": topic, "key": key, "last": last, "blocked": blocked}
