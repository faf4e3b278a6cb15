"""The peer: the same three services with FastAPI, FastStream and SQLAlchemy's asyncio.

Built as FastStream's documentation advises for FastAPI: a broker that the application's lifespan
starts and stops, one subscriber per topic with the default acknowledgement (offsets are committed
in the background, which costs least), an outbox each. It decides, stores and sends what the product
does (`bench.product_decisions`), and is spared validation, tokens, audit, idempotency, order,
parking and the gateway.

    ROLE=intake|diagnosis|treatment BROKER=host:port DSN=postgresql+asyncpg://… uvicorn …:app
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bench import product_decisions
from bench.product_decisions import Decided, pack, unpack
from fastapi import FastAPI, Request, Response
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

ROLE = os.environ["ROLE"]
TOPICS = {"intake": "peer.case", "diagnosis": "peer.assessment", "treatment": "peer.plan"}
RELAY_SECONDS = 0.005
AT_ONCE = 500

metadata = MetaData()
decisions = Table(
    "decisions",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("kept", LargeBinary, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
inbox = Table("inbox", metadata, Column("event_id", Text, primary_key=True))

engine = create_async_engine(os.environ["DSN"], pool_size=16)
broker = KafkaBroker(os.environ["BROKER"], logger=None, acks="all")
waiting: dict[str, asyncio.Future[None]] = {}


async def as_it_is(message: KafkaMessage) -> bytes:
    """Leave the body to the product's own reader."""
    return message.body


def subscriber(source: str) -> Callable[..., Any]:
    """Subscribe this role to another role's topic."""
    return broker.subscriber(
        TOPICS[source],
        group_id=f"peer-{ROLE}",
        auto_offset_reset="earliest",
        decoder=as_it_is,
    )


async def store(
    connection: AsyncConnection, kind: str, decided: Decided, cause: str | None = None
) -> bool:
    """Store a decision and its events; tell whether its cause was new."""
    if cause is not None:
        marked = insert_or(inbox).values(event_id=cause).on_conflict_do_nothing()
        if not (await connection.execute(marked)).rowcount:
            return False
    row = {
        "case_id": decided.case_id,
        "kind": kind,
        "document": decided.document,
        "kept": decided.kept,
    }
    await connection.execute(insert_or(decisions).on_conflict_do_nothing(), row)
    if rows := [_outgoing(event) for event in decided.events]:
        await connection.execute(insert(outbox), rows)
    return True


def _outgoing(event: Any) -> Mapping[str, Any]:
    body, headers = pack(event)
    return {"topic": TOPICS[ROLE], "key": event.subject, "headers": headers, "body": body}


def handler(kind: str, decide: Callable[[Any], Decided | None]) -> Callable[..., Any]:
    """Return the handler of one kind of message: one message, one transaction."""

    async def handle(message: KafkaMessage) -> None:
        event = unpack(message.body, message.headers)
        decided = decide(event)
        if decided is not None:
            async with engine.begin() as connection:
                await store(connection, kind, decided, f"{kind}/{event.event_id}")
            if kind == "plan" and (waiter := waiting.pop(decided.case_id, None)):
                waiter.set_result(None)

    return handle


if ROLE == "intake":
    subscriber("diagnosis")(handler("assessment", product_decisions.note))
    subscriber("treatment")(handler("plan", product_decisions.note))
elif ROLE == "diagnosis":
    subscriber("intake")(handler("assessment", product_decisions.assess))
else:
    subscriber("diagnosis")(handler("plan", product_decisions.plan))


async def relay() -> None:
    """Publish the outbox in order; a row leaves it after the broker's acknowledgement."""
    while True:
        async with engine.begin() as connection:
            oldest = select(outbox).order_by(outbox.c.id).limit(AT_ONCE)
            rows = (await connection.execute(oldest.with_for_update(skip_locked=True))).all()
            if rows:
                await _publish(rows)
                gone = delete(outbox).where(outbox.c.id.in_([row.id for row in rows]))
                await connection.execute(gone)
        if not rows:
            await asyncio.sleep(RELAY_SECONDS)


async def _publish(rows: Sequence[Any]) -> None:
    sent = (
        broker.publish(row.body, topic=row.topic, key=row.key.encode(), headers=row.headers)
        for row in rows
    )
    await asyncio.gather(*sent)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Connect, and run the relay beside the application."""
    product_decisions.load(ROLE)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await broker.start()
    publishing = asyncio.create_task(relay())
    yield
    publishing.cancel()
    await broker.stop()


app = FastAPI(lifespan=lifespan)


@app.get("/count/{kind}")
async def count(kind: str) -> int:
    """Count what is stored."""
    counted = select(func.count()).select_from(decisions).where(decisions.c.kind == kind)
    async with engine.connect() as connection:
        return int((await connection.execute(counted)).scalar_one())


@app.post("/v1/cases")
async def submit(request: Request) -> Response:
    """Accept a case; with `Prefer: wait` answer when its plan is there."""
    decided = product_decisions.submit(await request.body())
    waits = "prefer" in request.headers
    if waits:
        waiting[decided.case_id] = asyncio.get_running_loop().create_future()
        planned = waiting[decided.case_id]
    async with engine.begin() as connection:
        await store(connection, "case", decided)
    if not waits:
        return Response(f'{{"case_id":"{decided.case_id}"}}', 202, media_type="application/json")
    await asyncio.wait_for(planned, 30)
    shown = select(decisions.c.kind, decisions.c.document)
    async with engine.connect() as connection:
        rows = await connection.execute(shown.where(decisions.c.case_id == decided.case_id))
    members = b",".join(b'"%s":%s' % (kind.encode(), bytes(document)) for kind, document in rows)
    return Response(b"{" + members + b"}", 200, media_type="application/json")
