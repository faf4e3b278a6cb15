"""What a storm has left, counted: nothing may be lost, done twice or out of order."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from tests.faults.chaos.clinics import Clinics
from tests.faults.chaos.strikes import Hand
from tests.faults.product.plant import ACCEPTED, PLANNED, Plant

STEPS: Mapping[str, frozenset[str]] = {
    "intake": ACCEPTED,
    "diagnosis": frozenset({"assessment.completed"}),
    "treatment": PLANNED,
}


@dataclass(frozen=True)
class Report:
    """The figures of one run."""

    seed: int
    profile: str
    seconds: float
    submitted: int
    acknowledged: int
    applied: int
    lost: int
    duplicated: int
    out_of_order: int
    findings: tuple[str, ...]
    replays: int
    unlike: int
    slowest_s: float
    kills: Mapping[str, int]
    missed: int
    statuses: Mapping[str, int]

    @property
    def good(self) -> bool:
        wrong = self.lost + self.duplicated + self.out_of_order + self.unlike
        return not wrong and not self.findings and self.acknowledged == self.applied

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        statuses = ", ".join(f"{count} x {kind}" for kind, count in sorted(self.statuses.items()))
        return "\n".join(
            (
                f"chaos        {self.profile}, {self.seconds:.0f} s, seed {self.seed}",
                f"kills        {sum(self.kills.values())} ({kills}), {self.missed} missed",
                f"answers      {statuses}; the slowest command took {self.slowest_s:.1f} s",
                f"submitted    {self.submitted}",
                f"acknowledged {self.acknowledged}",
                f"applied      {self.applied}",
                f"repeated     {self.replays} with their key, {self.unlike} answered otherwise",
                f"lost         {self.lost}",
                f"duplicated   {self.duplicated}",
                f"out of order {self.out_of_order}",
                f"ledger       {len(self.findings)} findings",
                *self.findings[:20],
                "" if self.good else "NOT GOOD",
                f"repeat it with SEED={self.seed}",
            )
        )


def report(seed: int, seconds: float, works: Plant, busy: Clinics, hand: Hand) -> Report:
    """Counts; use it when everything stands still."""
    acknowledgements = Counter((one.subject, one.sequence) for one in set(works.acknowledgements))
    steps = {name: _steps(works, name) for name in STEPS}
    planned = Counter(steps["treatment"])
    kept = {(row.subject, row.seq) for row in works.rows("intake", "published")}
    return Report(
        seed=seed,
        profile=works.site.profile,
        seconds=seconds,
        submitted=busy.submitted,
        acknowledged=len(acknowledgements),
        applied=len(planned),
        lost=len(acknowledgements.keys() - planned.keys()) + len(acknowledgements.keys() - kept),
        duplicated=sum(_more_than_once(found) for found in steps.values())
        + len(kept - acknowledgements.keys()),
        out_of_order=sum(_out_of_order(found) for found in steps.values()),
        findings=(*busy.met, *works.findings()),
        replays=busy.replays,
        unlike=busy.unlike,
        slowest_s=busy.slowest_s,
        kills=dict(hand.kills),
        missed=hand.missed,
        statuses=dict(busy.statuses),
    )


def _steps(works: Plant, service: str) -> list[tuple[str, int]]:
    """What a service did, in the order in which it was done: case and revision."""
    audit = works.table(service, "audit")
    chosen = select(audit.c.subject, audit.c.revision).where(audit.c.action.in_(STEPS[service]))
    with works.databases[service].read() as connection:
        return [tuple(row) for row in connection.execute(chosen.order_by(audit.c.id))]


def _more_than_once(steps: list[tuple[str, int]]) -> int:
    return sum(count - 1 for count in Counter(steps).values())


def _out_of_order(steps: list[tuple[str, int]]) -> int:
    revisions = defaultdict(list)
    for subject, revision in steps:
        revisions[subject].append(revision)
    return sum(found != sorted(found) for found in revisions.values())
