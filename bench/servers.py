"""Real Kafka and Postgres for the bench, and what the least code can do with them."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Self

import psycopg
from bench.load import Times, timed
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition
from sqlalchemy.engine import make_url
from tests.support.servers.kafka import KafkaServer
from tests.support.servers.postgres import PostgresServer

TOPIC = "floor"


@contextlib.contextmanager
def servers() -> Iterator[tuple[dict[str, str], dict[str, str], "Floor"]]:
    """Start one broker and one Postgres; give environments for product and peer, and the floor."""
    with KafkaServer().start() as kafka, contextlib.ExitStack() as stack:
        postgres = PostgresServer().start()
        stack.callback(postgres.stop)
        urls = postgres.fresh_databases("bench")
        settings = {f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()}
        others = postgres.fresh_databases("peer")
        peer = {f"{name.upper()}_DATABASE_URL": url for name, url in others.items()}
        peer["BROKER_URL"] = kafka.url
        floor = Floor(kafka.bootstrap, postgres.fresh_database("floor"))
        stack.callback(floor.close)
        yield {"BROKER_URL": kafka.url, **settings}, peer, floor


class Floor:
    """The way of a case with nothing else on it: three durable rows, two events there and back."""

    def __init__(self, bootstrap: str, database_url: str) -> None:
        with contextlib.closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
            admin.create_topics({TOPIC: {"num_partitions": 1, "replication_factor": 1}})
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0
        )
        self._consumer = KafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=200)
        self._consumer.assign([TopicPartition(TOPIC, 0)])
        self._consumer.seek_to_beginning()
        self._database = psycopg.connect(**address(database_url))
        self._database.execute("CREATE TABLE row (body BYTEA NOT NULL)")
        self._database.commit()

    def close(self) -> None:
        self._database.close()
        self._consumer.close()
        self._producer.close()

    def travel(self, bodies: list[bytes]) -> None:
        """Commits, sends, reads, commits, sends, reads, commits: all bodies together."""
        self._commit(bodies)
        for _ in range(2):
            self._hop(bodies)
            self._commit(bodies)

    def timed(self, body: bytes, seconds: float, pause: float) -> Times:
        return timed(lambda: self.travel([body]), seconds, pause)

    def rate(self, body: bytes, batch: int, seconds: float) -> float:
        """Cases per second in batches of so many, on one thread."""
        return batch * 1e3 / timed(lambda: self.travel([body] * batch), seconds).p50

    def _commit(self, bodies: list[bytes]) -> None:
        with self._database.cursor() as cursor:
            cursor.executemany("INSERT INTO row VALUES (%s)", [(body,) for body in bodies])
        self._database.commit()

    def _hop(self, bodies: list[bytes]) -> None:
        sent = [self._producer.send(TOPIC, body) for body in bodies]
        for future in sent:
            future.get(timeout=10)
        left = len(bodies)
        while left:
            left -= sum(map(len, self._consumer.poll(timeout_ms=1_000).values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def address(url: str) -> Mapping[str, Any]:
    url_ = make_url(url)
    return {
        "host": url_.host,
        "port": url_.port,
        "user": url_.username,
        "password": url_.password,
        "dbname": url_.database,
    }
