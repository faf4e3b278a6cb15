"""One service at one moment: what it has produced and applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backmice.service_commands import CommandFailed

Key = tuple[str, str]


@dataclass
class Snapshot:
    """What one service has produced and applied, as its command reports it.

    Args:
        health: As `operate health` prints it.
        last: The last number that was given to each case.
        sent: The last one that has left the outbox.
        marks: By topic and case, the last number applied, and the one that blocks it.
        parked: Cases that wait for an event before those that are there.
        unfinished: What was accepted long ago and has no result.
    """

    health: dict[str, Any] = field(default_factory=dict)
    last: dict[Key, int] = field(default_factory=dict)
    sent: dict[Key, int] = field(default_factory=dict)
    marks: dict[str, dict[Key, tuple[int, int]]] = field(default_factory=dict)
    parked: list[dict[str, Any]] = field(default_factory=list)
    unfinished: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[dict[str, Any]]) -> "Snapshot":
        """Return the snapshot that `operate survey` printed.

        Raises:
            CommandFailed: The service cannot reach the broker.
        """
        snapshot = cls()
        for line in lines:
            snapshot.add(line)
        if snapshot.health["lag"] is None:
            raise CommandFailed(f"the broker does not answer {snapshot.health['service']}")
        return snapshot

    def add(self, line: dict[str, Any]) -> None:
        """Take in one line."""
        match line["kind"]:
            case "head":
                self.last[_key(line)], self.sent[_key(line)] = line["last"], line["sent"]
            case "mark":
                mark = (line["last"], line["blocked"])
                self.marks.setdefault(line["topic"], {})[_key(line)] = mark
            case "health":
                self.health = line
            case "parked":
                self.parked.append(line)
            case _:
                self.unfinished.append(line)

    def offsets(self, topic: str, which: str) -> dict[int, int]:
        """Return `position` or `end` of each partition."""
        partitions = (each for each in self.health["partitions"] if each["topic"] == topic)
        return {each["partition"]: each[which] for each in partitions}

    def unread(self, before: "Snapshot") -> int:
        """Return how many records are unread of those that were there before."""
        return sum(
            max(0, end - self.offsets(topic, "position").get(partition, end - 1))
            for topic in before.health["hears"]
            for partition, end in before.offsets(topic, "end").items()
        )


def _key(line: Mapping[str, Any]) -> Key:
    tenant_id, subject = line["key"]
    return tenant_id, subject
