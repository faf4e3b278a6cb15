"""No identity and no free text leaves intake, whatever is logged or sent."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import MetaData, select
from tests.support.log import read_records
from tests.system.product import Product, example
from tests.system.sites import SERVICES, TOPICS

from chassis.messaging.brokers import open_broker
from chassis.storage.database import Database

SECRETS = ("Mrs-Rossi-1979", "garden-and-grandchildren", "brand-name-as-typed")


def test_identity_and_free_text_are_in_no_event_log_or_other_database(product: Product) -> None:
    body = example("bm01_completed") | {"reference": SECRETS[0]}
    body["decisions"] = body.get("decisions", {}) | {"patient_goal": SECRETS[1]}
    body["pain_medications"] = [{"drug_class": "nsaid", "name_as_typed": SECRETS[2]}]

    assert product.submit(body, key="privacy").status == 200

    others = [name for name in SERVICES if name != "intake"]
    places = [*_files(product.data), *_events(product), *_rows(product, others)]
    assert {place for place, text in places for one in SECRETS if one.encode() in text} == set()
    kept = [text for _, text in _rows(product, ["intake"])]
    for secret in SECRETS:
        assert any(secret.encode() in text for text in kept), "a secret would not be seen"


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    for path in data.rglob("*"):
        place = path.relative_to(data)
        if path.is_file() and place.parts[0] != "intake":
            yield str(place), path.read_bytes()


def _events(product: Product) -> Iterator[tuple[str, bytes]]:
    with closing(open_broker(product.site.log(product.data))) as log:
        for record in read_records(log, sorted(TOPICS)):
            yield record.topic, repr((record.key, record.headers)).encode() + record.value


def _rows(product: Product, services: list[str]) -> Iterator[tuple[str, bytes]]:
    for service in services:
        database = Database.open(product.site.database(product.data, service))
        tables = MetaData()
        with closing(database), database.read() as connection:
            tables.reflect(connection)
            for table in tables.sorted_tables:
                for row in connection.execute(select(table)):
                    yield f"{service}.{table.name}", repr(tuple(row)).encode()
