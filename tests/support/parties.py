"""Who takes part in what the ledger checks, and what clients were told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Table

from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.sending.outbox import OutboxTables
from chassis.storage.database import Database


@dataclass(frozen=True)
class Party:
    """One service, as far as the ledger needs to know it.

    Attributes:
        name: in the findings.
        database: its own.
        outbox: its producing side, if any.
        inbox: its consuming side, if any.
        audit: its audit table; `cause` of a row is the id of the message that made it happen.
        hears: per topic, the types whose application leaves exactly one audit row.
        answers: those of them that always lead to at least one event of its own.
        set_aside: actions of audit rows that say that a message could not be applied for now.
        troubles: types that tell of another service's trouble; noting them is such an action too.
    """

    name: str
    database: Database
    outbox: OutboxTables | None = None
    inbox: InboxTables | None = None
    audit: Table | None = None
    hears: Mapping[str, frozenset[str]] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()
    set_aside: frozenset[str] = frozenset()
    troubles: frozenset[str] = frozenset()

    def applied(self, action: str, kind: str) -> bool:
        """Tell whether an audit row of this action says that a message of this type was applied."""
        return action not in self.set_aside or kind in self.troubles


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A command that a client was told is accepted, and the event that must follow from it."""

    topic: str
    tenant_id: str
    subject: str
    sequence: int
