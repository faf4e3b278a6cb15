"""Treatment on a real database and a real local log; diagnosis is played from examples."""

import copy
import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from tests.support.assessed import as_brief, as_decision
from tests.support.care import with_care
from tests.support.servers.databases import NewDatabase
from werkzeug.test import TestResponse

from chassis import clock
from chassis.envelope import Event, headers, record_key
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, Outgoing, TopicSpec
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.wakeup import wake_relay_on_commit
from chassis.service import api
from chassis.service.migrate import migrate
from chassis.service.worker import build
from chassis.storage.database import Database
from treatment import events
from treatment.app import SERVICE
from treatment.app.api import api as treatment_api
from treatment.app.consumer import consumer
from treatment.judge import load_guidance
from treatment.models import OUTBOX
from treatment.settings import Settings

SCOPES = "cases:read knowledge:read evaluate"
CASE_ID = "01234567-89ab-7def-8123-456789abcdef"
FACTS: dict[str, Any] = with_care(
    {
        "patient": {"age_years": 45, "sex_at_birth": "female"},
        "history": {"duration_days": 180},
        "pain": {"pain_nrs_now": 6},
        "nodule_examination": {"nodule_present": "definite"},
        "nodules": [{"id": "a", "site": "crest_medial", "mobility": "mobile", "tenderness": 2}],
    }
)
FLAG: dict[str, Any] = {
    "rule": "RF-01",
    "title": "Suspected cauda equina syndrome",
    "urgency": "emergency",
    "action": "Send at once to a hospital with round-the-clock MRI.",
}
ASSESSMENT: dict[str, Any] = {
    "kind": "assessment",
    "case_id": CASE_ID,
    "revision": 1,
    "on": "2026-11-22",
    "summary": "ignored here",
    "likelihood": "POSSIBLE",
    "red_flags": {
        "headline": None,
        "locked": False,
        "locks": [],
        "hold": False,
        "holds": [],
        "withheld": {"needle": [], "energy": [], "manual": []},
        "active": [],
        "screen": {"answered": 13, "of": 13, "complete": True},
    },
    "nodules": [{"id": "a", "likelihood": "POSSIBLE", "fat_on_imaging": True}],
    "competing": False,
    "differentials": [],
    "verdicts": {
        "BC-05": False,
        "BC-08": False,
        "NE-01": False,
        "NE-02": False,
        "NE-03": False,
        "NE-04": False,
        "NE-05": True,
    },
    "ruleset": {"version": "2026.11.1", "sha256": "0" * 64, "evaluator": "test"},
    "citations": {},
}


class Keys:
    """A key pair, and the tokens that it signs."""

    def __init__(self, folder: Path) -> None:
        self.jwks = folder / "jwks.json"
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwks.write_text(json.dumps({"keys": [public | {"kid": "k"}]}))

    def token(self, tenant: str = "clinic", scope: str = SCOPES) -> str:
        claims = {
            "sub": "desk",
            "tenant": tenant,
            "scope": scope,
            "aud": "backmice",
            "exp": clock.now() + timedelta(hours=1),
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "k"})


@dataclasses.dataclass
class Treatment:
    """Treatment, with handles for tests; ``tell`` plays diagnosis on the real log."""

    database: Database
    broker: Broker
    client: FlaskClient
    keys: Keys
    worker: Worker
    sent: int = 0
    sequences: dict[str, int] = dataclasses.field(default_factory=dict)

    def headers(self, **more: str) -> dict[str, str]:
        token = self.keys.token(more.pop("tenant", "clinic"), more.pop("scope", SCOPES))
        return {"Authorization": f"Bearer {token}", **more}

    def get(self, path: str, **more: str) -> TestResponse:
        return self.client.get(path, headers=self.headers(**more))

    def evaluate(self, body: Any, query: str = "", **more: str) -> TestResponse:
        path = f"/v1/plans:evaluate{query}"
        return self.client.post(path, json=body, headers=self.headers(**more))

    def plan(self, case_id: str = CASE_ID, query: str = "", **more: str) -> TestResponse:
        revision = more.pop("revision", "1")
        return self.get(f"/v1/cases/{case_id}/revisions/{revision}/plan{query}", **more)

    def tell(
        self,
        facts: Any = None,
        assessment: Any = None,
        revision: int = 1,
        case_id: str = CASE_ID,
        **changed: Any,
    ) -> Event:
        document = {**ASSESSMENT, "case_id": case_id, "revision": revision, **(assessment or {})}
        data = {"case_id": case_id, "revision": revision, "on": "2026-11-22"}
        data |= {"facts": FACTS if facts is None else facts}
        data |= {"decision": as_decision(document), "brief": as_brief(document)}
        event = Event(
            topic=events.ASSESSMENTS,
            type=events.ASSESSED,
            tenant_id="clinic",
            subject=case_id,
            revision=revision,
            data=orjson.dumps(data | changed),
            source="/diagnosis",
            dataschema=f"/schemas/{events.ASSESSED}/1",
            event_id=clock.new_id(),
            correlation_id="r",
            occurred_at="2026-11-22T00:00:00Z",
        )
        self.sequences[case_id] = self.sequences.get(case_id, 0) + 1
        self.send(event, self.sequences[case_id])
        return event

    def send(self, event: Event, sequence: int) -> None:
        key = record_key(event.tenant_id, event.subject).encode()
        self.broker.publish([Outgoing(event.topic, key, headers(event, sequence), event.data)], 5.0)
        self.sent += 1

    def hear(self) -> None:
        """Applies everything that lies in the log."""
        deadline = time.monotonic() + 10
        while self._behind() and time.monotonic() < deadline:
            self.worker.step(0.01)
        assert not self._behind()

    def _behind(self) -> int:
        with self.database.read() as connection:
            read = connection.exec_driver_sql("SELECT sum(next_offset) FROM consumer_offset")
            return self.sent - (read.scalar() or 0)

    def published(self) -> list[dict[str, Any]]:
        """What waits in the outbox, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(OUTBOX.events.select().order_by(OUTBOX.events.c.id))
            return [_row(row._mapping) for row in rows]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]


def _row(row: Any) -> dict[str, Any]:
    """An outgoing event: its headers, its place in the sequence, and what it says."""
    named = dict(orjson.loads(row["headers"]))
    sent = {"payload": bytes(row["payload"]), "data": orjson.loads(row["payload"])}
    return {"type": named["ce_type"], "causation_id": named.get("ce_causationid"), **row, **sent}


@pytest.fixture
def case_id() -> str:
    return CASE_ID


@pytest.fixture
def facts() -> dict[str, Any]:
    return copy.deepcopy(FACTS)


@pytest.fixture
def assessment() -> dict[str, Any]:
    return copy.deepcopy(ASSESSMENT)


@pytest.fixture
def locked() -> dict[str, Any]:
    flags = {"headline": FLAG, "locked": True, "locks": ["RF-01"], "active": [FLAG]}
    return {"red_flags": {**ASSESSMENT["red_flags"], **flags}}


@pytest.fixture
def treatment(tmp_path: Path, new_database: NewDatabase) -> Iterator[Treatment]:
    built = _built(tmp_path, new_database("treatment"))
    yield built
    built.worker.close()
    built.broker.close()
    built.database.close()


def _built(folder: Path, url: str) -> Treatment:
    keys, run_dir = Keys(folder), folder / "run"
    run_dir.mkdir()
    (folder / "log").mkdir()
    settings = Settings(
        database_url=url,
        broker_url=f"local://{folder}/log",
        run_dir=run_dir,
        jwks_file=keys.jwks,
        audience="backmice",
        log_format="json",
    )
    migrate(SERVICE, settings)
    database, broker = Database.open(settings.database_url), open_broker(settings.broker_url)
    broker.ensure_topics([TopicSpec(topic) for topic in SERVICE.topics])
    wake_relay_on_commit(database, run_dir)
    web = api.build(SERVICE, settings, database, treatment_api(settings, database))
    worker = build(
        SERVICE, settings, database, broker, consumer(settings, database, load_guidance())
    )
    return Treatment(database, broker, web.test_client(), keys, worker)
