"""Kafka by its Python client; the only package that knows the client."""

from chassis.messaging.kafka.broker import KafkaBroker

__all__ = ["KafkaBroker"]
