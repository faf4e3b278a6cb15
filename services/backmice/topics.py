"""Makes the topics that are missing, as deploy/kafka/topics.toml lists them; names differences."""

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Final

from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, BrokerUnavailable, TopicSpec
from chassis.settings import SettingsError

FILE: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.toml"


LABELS: Final = {
    "partitions": "partitions",
    "replication": "replicas",
    "min_insync": "min.insync.replicas",
    "retention_days": "days of retention",
}


class TopicsNotMade(Exception):
    """The broker is absent or refuses, or the request is not possible; the sentence says which."""


def wanted(replication: int = 1, *, embedded: bool = False, file: Path = FILE) -> list[TopicSpec]:
    """Return what must exist.

    Args:
        replication: How many brokers keep each event.
        embedded: The log in the data folder, with fewer partitions.
        file: The list of topics.

    Raises:
        TopicsNotMade: The file lists no such number of brokers.
    """
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    insync = listed["min_insync_replicas"]
    if str(replication) not in insync:
        raise TopicsNotMade(f"--replication must be one of {', '.join(insync)}")
    return [
        TopicSpec(
            name,
            partitions=listed["embedded_partitions" if embedded else "partitions"],
            replication=replication,
            min_insync=insync[str(replication)],
            retention_days=listed["retention_days"],
        )
        for name in listed["names"]
    ]


def make(url: str, replication: int | None = None) -> list[str]:
    """Make what is missing, and return a sentence per topic.

    Args:
        url: Of the broker.
        replication: How many brokers keep each event; required where there are several.

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
        return [_report(spec, broker, new=spec.name in made) for spec in specs]
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


def _report(spec: TopicSpec, broker: Broker, *, new: bool) -> str:
    existing = broker.described(spec.name)
    if new:
        return f"{spec.name} is made, with {existing.partitions} partitions"
    actual, wanted_values = asdict(existing), asdict(spec)
    others = [
        f"{actual[name]} {words}, not {wanted_values[name]}"
        for name, words in LABELS.items()
        if actual[name] != wanted_values[name]
    ]
    return f"{spec.name} exists" + (f" with {'; '.join(others)}: that stays" if others else "")
