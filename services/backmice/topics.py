"""Makes the topics that are missing, as deploy/kafka/topics.toml wants them."""

import tomllib
from pathlib import Path
from typing import Final

from chassis.messaging.broker import Broker, BrokerUnavailable, TopicSpec, open_broker
from chassis.settings import SettingsError

FILE: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.toml"


class TopicsNotMade(Exception):
    """The broker is away, or refuses; the sentence says which."""


def wanted(replication: int = 1, *, embedded: bool = False, file: Path = FILE) -> list[TopicSpec]:
    """Returns what must exist.

    Args:
        replication: How many brokers keep each event.
        embedded: The log in the data folder, with fewer partitions.
        file: Where it is written down.

    Raises:
        TopicsNotMade: Nothing is said of so many brokers.
    """
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    insync = said["min_insync_replicas"]
    if str(replication) not in insync:
        raise TopicsNotMade(f"--replication must be one of {', '.join(insync)}")
    return [
        TopicSpec(
            name,
            partitions=said["embedded_partitions" if embedded else "partitions"],
            replication=replication,
            min_insync=insync[str(replication)],
            retention_days=said["retention_days"],
        )
        for name in said["names"]
    ]


def make(url: str, replication: int = 1) -> list[str]:
    """Makes what is missing, and returns a sentence per topic.

    Raises:
        TopicsNotMade: It could not be done.
    """
    specs = wanted(replication, embedded=url.startswith("local:"))
    try:
        broker = open_broker(url)
    except SettingsError as problem:
        raise TopicsNotMade(str(problem)) from problem
    try:
        made = broker.ensure_topics(specs)
        return [_told(spec, broker, new=spec.name in made) for spec in specs]
    except BrokerUnavailable as problem:
        raise TopicsNotMade(f"{url.partition('?')[0]}: {problem}") from problem
    finally:
        broker.close()


def _told(spec: TopicSpec, broker: Broker, *, new: bool) -> str:
    count = broker.partitions(spec.name)
    if new:
        return f"{spec.name} is made, with {count} partitions"
    if count != spec.partitions:
        return f"{spec.name} exists with {count} partitions, not {spec.partitions}; that stays"
    return f"{spec.name} exists"
