"""A POST that is sent twice is done once."""

import dataclasses

import pytest
from sqlalchemy import MetaData

from chassis.http.auth import Principal
from chassis.http.errors import Problem
from chassis.http.idempotency import once
from chassis.http.routing import Request, Response
from chassis.storage.database import Database
from chassis.storage.idempotency import IdempotencyKeys, idempotency_table

METADATA = MetaData()
TABLE = idempotency_table(METADATA)
WHO = Principal("c1", "t1", frozenset())
CALL = Request(
    WHO,
    {},
    {},
    {"a": 1, "b": 2},
    "application/json",
    {"Idempotency-Key": "k"},
    "POST",
    "/v1/x",
    "r",
)


@pytest.fixture
def database(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/x.db")
    with database.write() as connection:
        METADATA.create_all(connection)
    yield database
    database.close()


@pytest.fixture
def send(database):
    done = []

    def make():
        done.append(1)
        return Response({"n": len(done)}, 202, {"Location": f"/v1/x/{len(done)}"})

    def send(request=CALL, make=make):
        with database.write() as connection:
            return once(IdempotencyKeys(connection, TABLE), request, make)

    send.done = done
    return send


def changed(**changes):
    return dataclasses.replace(CALL, **changes)


def test_the_second_time_gets_the_first_answer(send):
    first, second = send(), send()
    assert len(send.done) == 1
    assert (second.status, second.payload()) == (first.status, first.payload())
    assert second.headers["Location"] == "/v1/x/1"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def test_the_same_json_spelled_otherwise_is_the_same(send):
    send()
    assert send(changed(document={"b": 2, "a": 1})).headers["Idempotency-Replayed"] == "true"


def test_a_preference_is_no_part_of_the_request(send):
    send()
    send(changed(headers={"Idempotency-Key": '"k"', "Prefer": "wait=5"}))
    assert len(send.done) == 1


@pytest.mark.parametrize(
    "changes", [{"document": {"a": 2}}, {"path": "/v1/y"}, {"method": "PATCH"}]
)
def test_the_key_of_another_request_is_refused(send, changes):
    send()
    with pytest.raises(Problem) as caught:
        send(changed(**changes))
    assert caught.value.kind.slug == "idempotency-key-reused"


@pytest.mark.parametrize(
    "who", [Principal("c2", "t1", frozenset()), Principal("c1", "t2", frozenset())]
)
def test_keys_belong_to_a_tenant_and_a_client(send, who):
    first = send()
    other = send(changed(principal=who))
    assert len(send.done) == 2
    assert "Idempotency-Replayed" not in other.headers
    for owner, answer in ((WHO, first), (who, other)):
        again = send(changed(principal=owner))
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (again.payload(), again.headers["Location"]) == (
            answer.payload(),
            answer.headers["Location"],
        )
    assert len(send.done) == 2


def test_without_a_key_nothing_is_done(send):
    with pytest.raises(Problem) as caught:
        send(changed(headers={}))
    assert caught.value.kind.slug == "idempotency-key-required"
    assert not send.done


def test_a_refused_request_leaves_its_key_free(send):
    def refuse():
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own, two lines above
        send(make=refuse)
    assert send().body == {"n": 1}
