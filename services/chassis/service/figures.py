"""Figures and probes of a relay or a worker, on a port of its own."""

from chassis.messaging.operating.observed import Observed
from chassis.messaging.operating.observing import watch
from chassis.messaging.port import Broker
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.relay import Relay
from chassis.settings import env_int, env_str
from chassis.telemetry import port


def serve(observed: Observed, broker: Broker, relay: Relay | None, worker: Worker | None) -> None:
    """Answer `/metrics` and the probes at METRICS_HOST (127.0.0.1 by default) and METRICS_PORT.

    Raises:
        SettingsError: the port cannot be had.
    """
    host, number = env_str("METRICS_HOST", "127.0.0.1"), env_int("METRICS_PORT")
    port.serve(host, number, watch(observed, broker, relay, worker))
