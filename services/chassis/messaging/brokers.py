"""Opens the broker that a URL names."""

from pathlib import Path
from urllib.parse import urlsplit

from chassis.messaging.port import Broker
from chassis.settings import SettingsError, env_int


def open_broker(url: str, ordinal: int | None = None) -> Broker:
    """Return the broker at a URL: local:///absolute/folder, or kafka://host:port[,host:port…].

    Args:
        url: how Kafka lets us in follows as `?security=…&mechanism=…`; name, password and
            certificates come from the environment.
        ordinal: which of a group's workers this process is; WORKER_ORDINAL (or 0) if not given.

    Raises:
        SettingsError: the URL names no broker that we know, or something that it needs is missing.
    """
    parts = urlsplit(url)
    if parts.scheme == "local" and not parts.netloc and parts.path.startswith("/"):
        from chassis.messaging.local import LocalBroker  # noqa: PLC0415 - each kind imports its own client

        return LocalBroker(Path(parts.path))
    if parts.scheme == "kafka":
        from chassis.messaging.kafka import KafkaBroker  # noqa: PLC0415 - as above

        return KafkaBroker.at(url, env_int("WORKER_ORDINAL", 0) if ordinal is None else ordinal)
    raise SettingsError(
        f"BROKER_URL has no known form: {parts.scheme}:// - "
        "use local:///absolute/folder or kafka://host:port"
    )
