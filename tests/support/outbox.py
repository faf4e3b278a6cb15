"""The outbox as tests look at it: what waits for the broker, and what was published."""

from sqlalchemy import Subquery

from chassis.messaging.sending.outbox import OutboxTables
from chassis.messaging.sending.pending import published_events, waiting_events


def waiting(tables: OutboxTables) -> Subquery:
    """The events that are still to be published."""
    return waiting_events(tables).subquery("waiting")


def published(tables: OutboxTables) -> Subquery:
    """The events that the broker has acknowledged."""
    return published_events(tables).subquery("published")
