"""Intake on a real database and a real local log; the other services are played from examples."""

import contextlib
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from sqlalchemy import func, select
from tests.support.results import assessment, plan
from tests.support.servers.databases import NewDatabase
from werkzeug.test import TestResponse

from chassis import clock
from chassis.envelope import Event, headers, record_key
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, Outgoing, TopicSpec
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.relay import Relay
from chassis.messaging.sending.wakeup import wake_relay_on_commit
from chassis.service import api
from chassis.service.migrate import migrate
from chassis.service.worker import build
from chassis.storage.database import Database
from intake import events
from intake.app import SERVICE
from intake.app.api import api as intake_api
from intake.app.consumer import consumer
from intake.models import METADATA, OUTBOX
from intake.routes import Waiters
from intake.settings import Settings

SCOPES = "cases:read cases:write evaluate knowledge:read"
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


class Keys:
    """A key pair, and the tokens that it signs."""

    def __init__(self, folder: Path) -> None:
        self.jwks = folder / "jwks.json"
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwks.write_text(json.dumps({"keys": [public | {"kid": "k"}]}))

    def token(self, tenant: str = "clinic", client: str = "desk", scope: str = SCOPES) -> str:
        claims = {
            "sub": client,
            "tenant": tenant,
            "scope": scope,
            "aud": "backmice",
            "exp": clock.now() + timedelta(hours=1),
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "k"})


class Peer:
    """Plays the other services: publishes their events, as they would, to the real log."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._sequences: dict[tuple[str, str], int] = {}
        self.published = 0

    def publishes(self, topic: str, kind: str, subject: str, data: Any, **more: Any) -> None:
        tenant = more.pop("tenant_id", "clinic")
        event = Event(
            topic=topic,
            type=kind,
            tenant_id=tenant,
            subject=subject,
            revision=more.pop("revision", 1),
            data=data if isinstance(data, bytes) else orjson.dumps(data),
            source=f"/{topic.partition('.')[0]}",
            dataschema=f"/schemas/{kind}/1",
            event_id=clock.new_id(),
            correlation_id="r",
            occurred_at="2026-11-22T00:00:00Z",
        )
        sequence = self._sequences[topic, subject] = self._sequences.get((topic, subject), 0) + 1
        key = record_key(tenant, subject).encode()
        record = Outgoing(topic, key, headers(event, sequence), event.data)
        self._broker.publish([record], 5.0)
        self.published += 1

    def assesses(self, subject: str, revision: int = 1, **brief: Any) -> dict[str, Any]:
        data = assessment(subject, revision, **brief) | {"facts": {}}
        self.publishes(events.ASSESSMENTS, events.ASSESSED, subject, data, revision=revision)
        return data

    def plans(
        self, subject: str, revision: int = 1, kind: str = "plan.recommended", **brief: Any
    ) -> dict[str, Any]:
        data = plan(subject, revision, **brief)
        self.publishes(events.PLANS, kind, subject, data, revision=revision)
        return data

    def stops(self, topic: str, subject: str, revision: int = 1) -> None:
        data = {"case_id": subject, "revision": revision, "reason_code": "rule-broken"}
        self.publishes(topic, events.STOPPED, subject, data, revision=revision)


@dataclasses.dataclass
class Intake:
    """Intake, with handles for tests."""

    settings: Settings
    database: Database
    broker: Broker
    client: FlaskClient
    waiters: Waiters
    keys: Keys
    worker: Worker
    relay: Relay
    peer: Peer

    def headers(self, **more: str) -> dict[str, str]:
        token = self.keys.token(more.pop("tenant", "clinic"), more.pop("client", "desk"))
        return {"Authorization": f"Bearer {token}", **more}

    def post(self, body: Any, key: str | None = "", path: str = "/v1/cases", **more: str) -> Any:
        own = {} if key is None else {"Idempotency-Key": key or clock.new_id()}
        return self.client.post(path, json=body, headers=self.headers(**own, **more))

    def get(self, path: str, **more: str) -> TestResponse:
        return self.client.get(path, headers=self.headers(**more))

    def patch(self, case_id: str, body: Any, revision: int | None, **more: str) -> TestResponse:
        match = {} if revision is None else {"If-Match": f'"{revision}"'}
        sent = self.headers(**match, **more)
        kind = "application/merge-patch+json"
        path = f"/v1/cases/{case_id}"
        return self.client.patch(path, data=json.dumps(body), headers=sent, content_type=kind)

    def follow_up(self, case_id: str, body: Any, revision: int, **more: str) -> Any:
        path = f"/v1/cases/{case_id}/follow-ups"
        return self.post(body, path=path, **{"If-Match": f'"{revision}"'}, **more)

    def consume(self) -> None:
        """Applies everything that lies in the log."""
        deadline = time.monotonic() + 10
        behind = 1
        while behind and time.monotonic() < deadline:
            self.worker.step(0.01)
            behind = self._behind()
        assert not behind

    def _behind(self) -> int:
        with self.database.read() as connection:
            read = connection.exec_driver_sql("SELECT sum(next_offset) FROM consumer_offset")
            return self.peer.published - (read.scalar() or 0)

    def outgoing(self) -> list[dict[str, Any]]:
        """What waits in the outbox, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(OUTBOX.events.select().order_by(OUTBOX.events.c.id))
            return [{**dict(row._mapping), "data": orjson.loads(row.payload)} for row in rows]

    def count(self, table: str) -> int:
        with self.database.read() as connection:
            return int(
                connection.execute(
                    select(func.count()).select_from(METADATA.tables[table])
                ).scalar_one()
            )


@pytest.fixture
def running() -> Any:
    return _running


@contextlib.contextmanager
def _running(worker: Worker) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


@pytest.fixture
def make(tmp_path: Path, new_database: NewDatabase) -> Iterator[Callable[..., Intake]]:
    url = new_database("intake")
    opened: list[Intake] = []

    def build(**settings: Any) -> Intake:
        intake = _built(tmp_path, url, **settings)
        opened.append(intake)
        return intake

    yield build
    for intake in opened:
        intake.worker.close()
        intake.broker.close()
        intake.database.close()


@pytest.fixture
def intake(make: Callable[..., Intake]) -> Intake:
    return make()


@pytest.fixture
def bm01() -> dict[str, Any]:
    body: dict[str, Any] = json.loads((EXAMPLES / "bm01_completed.json").read_text())
    return body


def _built(folder: Path, url: str, **changed: Any) -> Intake:
    keys, run_dir = Keys(folder), folder / "run"
    run_dir.mkdir(exist_ok=True)
    (folder / "log").mkdir(exist_ok=True)
    settings = Settings(
        database_url=url,
        broker_url=f"local://{folder}/log",
        run_dir=run_dir,
        jwks_file=keys.jwks,
        audience="backmice",
        log_format="json",
        waiting_limit=4,
        longest_queue=1000,
        least_free_bytes=0,
    )
    settings = dataclasses.replace(settings, **changed)
    migrate(SERVICE, settings)
    database, broker = Database.open(settings.database_url), open_broker(settings.broker_url)
    broker.ensure_topics([TopicSpec(topic) for topic in SERVICE.topics])
    wake_relay_on_commit(database, run_dir)
    served = intake_api(settings, database)
    web, waiters = api.build(SERVICE, settings, database, served), served.dependencies.waiters
    worker = build(SERVICE, settings, database, broker, consumer(settings, database))
    relay = Relay(database, OUTBOX, broker, run_dir)
    return Intake(
        settings, database, broker, web.test_client(), waiters, keys, worker, relay, Peer(broker)
    )
