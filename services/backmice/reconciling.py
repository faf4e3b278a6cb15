"""Is everything that was given out applied? If not: what is missing, or in the way?"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from backmice.service_commands import ServiceCommands
from backmice.snapshots import Key, Snapshot
from chassis.envelope import record_key
from chassis.messaging.operating.operations import unheard
from chassis.messaging.operating.progress_bar import ProgressBar
from chassis.messaging.operating.reconciling import reconcile
from chassis.messaging.partitioner import partition_of

HARMLESS: Final = frozenset({"late"})


@dataclass(frozen=True)
class Finding:
    """A case that is not where it should be.

    Args:
        kind: `missing`: an event was sent, and is gone from the log; `blocked`: a dead letter is
            in its way; `ahead`: the producer was restored to the past; `parked`: it waits for one
            before it; `stuck`: accepted long ago and without a result; `late`: it may still be on
            its way.
        producer: Who gave the event out.
        consumer: Who lacks it.
        tenant_id: Whose case.
        subject: Which.
        first: The first sequence number that is lacking.
        last: The last one.
    """

    kind: str
    producer: str
    consumer: str
    tenant_id: str
    subject: str
    first: int
    last: int


@dataclass(frozen=True)
class Scope:
    """How it is looked at.

    Args:
        tenant: Whose cases; empty for all.
        grace_s: How long what is on its way may take.
        stuck_s: How long a case may be without a result.
    """

    tenant: str = ""
    grace_s: float = 10.0
    stuck_s: float = 60.0

    @property
    def whose(self) -> tuple[str, ...]:
        """The option that says so."""
        return ("--tenant", self.tenant) if self.tenant else ()


@dataclass(frozen=True)
class Subscription:
    """Who speaks to whom."""

    topic: str
    producer: str
    consumer: str


class Reconciliation:
    """One look at everything.

    What was produced is asked first, then how far the log goes, and what was applied when each
    consumer has read that far. What is not applied then is not on its way any more.
    """

    def __init__(self, services: ServiceCommands, terms: Scope) -> None:
        self._services = services
        self._terms = terms

    def findings(self) -> list[Finding]:
        """Looks, and looks again at what may have been on its way.

        Raises:
            CommandFailed: A service or the broker cannot be asked.
        """
        before = self._survey("--heads", bar=ProgressBar("what was given out"))
        ends = self._survey("--marks", *self._older, bar=ProgressBar("what was applied"))
        after = self._wait(ends) if "missing" in _kinds(before, ends) else ends
        newer = self._survey("--heads") if "ahead" in _kinds(before, after) else before
        looks = [Comparison(road, before, ends, after, newer) for road in _roads(before)]
        found = [finding for look in looks for finding in look.findings()]
        found += _waiting(after, {(finding.tenant_id, finding.subject) for finding in found})
        return found

    def wait_for(self, found: Iterable[Finding]) -> None:
        """Waits until these were applied after all, at most the time of grace."""
        published = lacking = list(found)
        deadline, bar = time.monotonic() + self._terms.grace_s, ProgressBar("applied after all")
        while lacking and time.monotonic() < deadline:
            after = self._survey("--marks")
            lacking = [one for one in lacking if not _applied(after, one)]
            bar(len(published) - len(lacking), len(published))
        bar.end()

    def _survey(self, *what: str, bar: ProgressBar | None = None) -> dict[str, Snapshot]:
        words = ("survey", *what, *self._terms.whose)
        asked = {name: (name, *words) for name in self._services.present()}
        found = self._services.query_all(asked, bar or unheard)
        return {name: Snapshot.of(answer.entries) for name, answer in found.items()}

    @property
    def _older(self) -> tuple[str, str]:
        return ("--older-than", f"{self._terms.stuck_s:g}s")

    def _wait(self, ends: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
        """Asks until consumers have read as far as the log went, at most the time of grace."""
        deadline, bar = time.monotonic() + self._terms.grace_s, ProgressBar("what was on its way")
        most = _to_read(ends, ends)
        while True:
            after = self._survey("--marks", *self._older)
            left = _to_read(ends, after)
            bar(max(0, most - left), most)
            if not left or time.monotonic() > deadline:
                bar.end()
                return after


@dataclass
class Comparison:
    """One road, as it was at first and after a while."""

    road: Subscription
    before: Mapping[str, Snapshot]
    ends: Mapping[str, Snapshot]
    after: Mapping[str, Snapshot]
    newer: Mapping[str, Snapshot]

    def findings(self) -> Iterable[Finding]:
        """Judges each case that differs."""
        road = self.road
        marks = self.after[road.consumer].marks.get(road.topic, {})
        for one in reconcile(self.before[road.producer].sent, marks):
            key = (one.tenant_id, one.subject)
            last, blocked = marks.get(key, (0, 0))
            head = self.newer[road.producer].last.get(key, 0)
            if blocked:
                kind, first, until = "blocked", blocked, max(blocked, head)
            elif one.kind == "missing":
                kind, first, until = (
                    "missing" if self._was_read(key) else "late",
                    last + 1,
                    one.head,
                )
            elif last > head:
                kind, first, until = "ahead", head + 1, last
            else:
                continue  # it was produced in between
            yield Finding(kind, road.producer, road.consumer, *key, first, until)

    def _was_read(self, key: Key) -> bool:
        """Tells whether the consumer has read whatever had been sent of a case."""
        topic, consumer = self.road.topic, self.road.consumer
        ends = self.ends[consumer].places(topic, "end")
        partition = partition_of(record_key(*key).encode(), len(ends)) if ends else -1
        position = self.after[consumer].places(topic, "position").get(partition, -1)
        return position >= ends.get(partition, 0)


def _to_read(ends: Mapping[str, Snapshot], after: Mapping[str, Snapshot]) -> int:
    return sum(after[name].to_read(ends[name]) for name in after)


def _roads(surveys: Mapping[str, Snapshot]) -> list[Subscription]:
    speakers = {survey.health["speaks"]: name for name, survey in surveys.items()}
    return [
        Subscription(topic, speakers[topic], name)
        for name, survey in surveys.items()
        for topic in survey.health["hears"]
    ]


def _kinds(before: Mapping[str, Snapshot], after: Mapping[str, Snapshot]) -> set[str]:
    return {
        one.kind
        for road in _roads(before)
        for one in reconcile(
            before[road.producer].sent, after[road.consumer].marks.get(road.topic, {})
        )
    }


def _applied(surveys: Mapping[str, Snapshot], one: Finding) -> bool:
    road = next(
        road
        for road in _roads(surveys)
        if (road.producer, road.consumer) == (one.producer, one.consumer)
    )
    marks = surveys[one.consumer].marks.get(road.topic, {})
    return marks.get((one.tenant_id, one.subject), (0, 0))[0] >= one.last


def _waiting(surveys: Mapping[str, Snapshot], told: set[Key]) -> list[Finding]:
    """Finds what stands still for a reason that arithmetic does not see."""
    found = []
    for name, survey in surveys.items():
        for one in survey.parked:
            key = (one["tenant_id"], one["subject"])
            lacking = (one["applied"] + 1, one["first_parked"] - 1)
            found.append(Finding("parked", "", name, *key, *lacking))
        for one in survey.unfinished:
            key, revision = (one["tenant_id"], one["subject"]), one["revision"]
            found.append(Finding("stuck", name, name, *key, revision, revision))
    return [one for one in found if (one.tenant_id, one.subject) not in told]
