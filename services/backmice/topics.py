"""Makes the topics that are missing, as deploy/kafka/topics.toml wants them; tells of others."""

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Final

from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, BrokerUnavailable, TopicSpec
from chassis.settings import SettingsError

FILE: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.toml"


SAID: Final = {
    "partitions": "partitions",
    "replication": "replicas",
    "min_insync": "min.insync.replicas",
    "retention_days": "days of retention",
}


class TopicsNotMade(Exception):
    """The broker is away, or refuses, or we are asked for nonsense; the sentence says which."""


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


def make(url: str, replication: int | None = None) -> list[str]:
    """Makes what is missing, and returns a sentence per topic.

    Args:
        url: Of the broker.
        replication: How many brokers keep each event; needs to be said where there are several.

    Raises:
        TopicsNotMade: It could not be done.
    """
    try:
        broker = open_broker(url)
    except SettingsError as problem:
        raise TopicsNotMade(str(problem)) from problem
    try:
        copies = _copies(broker.brokers(), replication)
        specs = wanted(copies, embedded=url.startswith("local:"))
        made = broker.ensure_topics(specs)
        return [_told(spec, broker, new=spec.name in made) for spec in specs]
    except BrokerUnavailable as problem:
        raise TopicsNotMade(f"{url.partition('?')[0]}: {problem}") from problem
    finally:
        broker.close()


def _copies(brokers: int, replication: int | None) -> int:
    """One copy among several brokers is lost with one of them, so nobody gets that by silence."""
    if replication is None and brokers > 1:
        raise TopicsNotMade(
            f"the cluster has {brokers} brokers: say how many keep each event, by "
            "KAFKA_REPLICATION=3 (or --replication 3; 1 if events may be lost with a broker)"
        )
    return replication or 1


def _told(spec: TopicSpec, broker: Broker, *, new: bool) -> str:
    found = broker.described(spec.name)
    if new:
        return f"{spec.name} is made, with {found.partitions} partitions"
    there, hoped = asdict(found), asdict(spec)
    others = [
        f"{there[name]} {words}, not {hoped[name]}"
        for name, words in SAID.items()
        if there[name] != hoped[name]
    ]
    return f"{spec.name} exists" + (f" with {'; '.join(others)}: that stays" if others else "")
