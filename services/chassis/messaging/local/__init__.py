"""The embedded broker: nothing to install, and the same rules as Kafka."""

from chassis.messaging.local.broker import LocalBroker

__all__ = ["LocalBroker"]
