"""Who is killed when: a schedule that its seed repeats, and the hand that carries it out."""

import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tests.faults.product.plant import SERVICES, Plant
from tests.support.servers.kafka import KafkaServer
from tests.support.servers.postgres import PostgresServer
from tests.system.product import eventually

PAUSE_S: Final = (0.3, 1.5)
AWAY: Final = (0, 3)
"""For how many further strikes a server that was killed stays away."""
START_S: Final = 90.0

PROCESSES: Final = {"api worker": 4, "api master": 3, "relay": 4, "worker": 4, "gateway": 1}
RARE: Final = {"supervisor": 1}
SERVERS: Final = {"kafka": 1, "postgres": 1}


class Strike(NamedTuple):
    """One kill: after a pause, what kind of process, and of which service."""

    pause_s: float
    kind: str
    service: str
    away: int


def schedule(seed: int, *, servers: bool) -> Iterator[Strike]:
    """The kills of a seed, without end; what else happens has no influence on it.

    Each kind has its turn before any comes again, so that a short storm has them all.
    """
    chance = random.Random(seed)
    weights = kinds(servers=servers)
    at_first = chance.sample(list(weights), len(weights))
    while True:
        others = chance.choices(list(weights), list(weights.values()))[0]
        yield Strike(
            chance.uniform(*PAUSE_S),
            at_first.pop() if at_first else others,
            chance.choice(SERVICES),
            chance.randint(*AWAY),
        )


def kinds(*, servers: bool) -> dict[str, int]:
    """What may be killed, and how often each is chosen, compared with the others."""
    return {**PROCESSES, **RARE, **(SERVERS if servers else {})}


@dataclass
class Servers:
    """What may be killed below the product."""

    kafka: KafkaServer
    postgres: PostgresServer


@dataclass
class Hand:
    """Carries strikes out, and brings back what no supervisor brings back."""

    works: Plant
    servers: Servers | None = None
    kills: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    _away: dict[str, int] = field(default_factory=dict)

    def strike(self, strike: Strike) -> None:
        """Kills one process of the kind; that there is none at the moment is counted as missed."""
        self._tick()
        if strike.kind in SERVERS:
            self._kill_server(strike.kind, strike.away)
        elif strike.kind == "supervisor":
            self._kill_supervisor()
        else:
            self._kill_one(strike)

    def repair(self) -> None:
        """Brings everything back."""
        for name in list(self._away):
            self._bring_back(name)

    def _tick(self) -> None:
        for name, left in list(self._away.items()):
            self._away[name] = left - 1
            if left <= 0:
                self._bring_back(name)

    def _kill_server(self, name: str, away: int) -> None:
        if self.servers is None or name in self._away:
            self.missed += 1
            return
        getattr(self.servers, name).kill()
        self.kills[name] += 1
        self._away[name] = away

    def _bring_back(self, name: str) -> None:
        del self._away[name]
        getattr(self.servers, name).restart()

    def _kill_supervisor(self) -> None:
        """Also starts the next one, which refuses to start while a server is away."""
        self.repair()
        product = self.works.product
        assert product.process is not None
        product.process.kill()
        product.process.wait(10)
        self.kills["supervisor"] += 1
        eventually(lambda: not product.processes(), "nobody to outlive the supervisor", 20)
        product.start(START_S)

    def _kill_one(self, strike: Strike) -> None:
        pids = self._victims(strike)
        if not pids and not self.kills[strike.kind]:  # only its first turn is certain to come
            what = f"{strike.kind} of {strike.service}"
            pids = eventually(lambda: self._victims(strike), what)
        killed = False
        for pid in pids[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed = True
        if killed:
            self.kills[strike.kind] += 1
        else:
            self.missed += 1

    def _victims(self, strike: Strike) -> list[int]:
        product = self.works.product
        if strike.kind == "gateway":
            return product.pids("gateway", "api")
        if strike.kind.startswith("api"):
            pids = product.pids(strike.service, "api")
            return pids[1:] if strike.kind == "api worker" else pids[:1]
        role = self.works.site.relay if strike.kind == "relay" else "worker"
        return product.pids(strike.service, role)
