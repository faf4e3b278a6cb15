"""How one service does, asked from outside of it: its tables, its log, and its processes' notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis.messaging.operating import role_state
from chassis.messaging.operating.figures import Figures, Place, places, read_figures
from chassis.messaging.operating.operated_service import OperatedService
from chassis.messaging.port import BrokerUnavailable

_OLD_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Health:
    """What was found.

    Attributes:
        service: which service.
        figures: what its tables say.
        places: where it stands in each partition; None when the log did not answer.
        relay: `leader`, `standby` or `gone`.
        worker: `consuming`, `circuit-open` or `gone`.
    """

    service: OperatedService
    figures: Figures
    places: Sequence[Place] | None
    relay: str
    worker: str

    @property
    def lag(self) -> int | None:
        """Records that are still to be read, None when nobody knows."""
        return None if self.places is None else sum(place.lag for place in self.places)

    def troubles(self) -> list[str]:
        """Return what needs a person, named as the chapters of the runbook are."""
        figures = self.figures
        offsets = {place.state for place in self.places or ()}
        found = {
            "outbox-grows": figures.oldest_age > _OLD_SECONDS,
            "held-row": figures.held > 0,
            "parked": figures.parked_age > _OLD_SECONDS and not figures.blocked,
            "dead-letter-open": any(status == "open" for status, _ in figures.dead),
            "circuit-open": self.worker == "circuit-open",
            "offset-out-of-range": "out-of-range" in offsets,
            "log-replaced": "replaced" in offsets,
            "broker-away": self.places is None,
            "relay-gone": self.relay == "gone",
            "worker-gone": self.worker == "gone",
        }
        return [name for name, so in found.items() if so]

    def entry(self) -> dict[str, Any]:
        """Return it for programs."""
        figures = self.figures
        return {
            "service": self.service.name,
            "outbox_pending": figures.pending,
            "outbox_oldest_age_seconds": round(figures.oldest_age, 1),
            "outbox_held": figures.held,
            "lag": self.lag,
            "parked": figures.parked,
            "parked_oldest_age_seconds": round(figures.parked_age, 1),
            "quarantined": figures.quarantined(),
            "dead_letters": [
                {"status": status, "reason_code": code, "count": count}
                for (status, code), count in sorted(figures.dead.items())
            ],
            "blocked": figures.blocked,
            "relay": self.relay,
            "worker": self.worker,
            "speaks": self.service.speaks,
            "hears": self.service.hears,
            "partitions": [_partition(place) for place in self.places or ()],
            "troubles": self.troubles(),
        }


def examine(service: OperatedService, tenant_id: str | None = None) -> Health:
    """Look at one service.

    Args:
        service: which.
        tenant_id: whose rows are counted; None for everybody's. A log is everybody's anyway.

    Raises:
        Unavailable: its database does not answer.
    """
    tables = service.tables
    with tables.database.read() as connection:
        figures = read_figures(connection, tables.outbox, tables.inbox, service.hears, tenant_id)
    relay, worker = (
        role_state.read(service.run_dir, "relay"),
        role_state.read(service.run_dir, "worker"),
    )
    return Health(
        service,
        figures,
        _places(service),
        "gone" if relay is None else "leader" if relay.get("leader") else "standby",
        "gone" if worker is None else "circuit-open" if worker["circuit_open"] else "consuming",
    )


def _places(service: OperatedService) -> list[Place] | None:
    broker = service.broker()
    try:
        with service.tables.database.read() as connection:
            return places(connection, service.tables.inbox, broker, service.hears)
    except BrokerUnavailable:
        return None
    finally:
        broker.close()


def _partition(place: Place) -> dict[str, Any]:
    return {
        "topic": place.topic,
        "partition": place.partition,
        "position": place.position,
        "end": place.end,
        "lag": place.lag,
        "state": place.state,
    }
