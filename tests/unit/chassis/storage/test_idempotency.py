"""A repeated request gets the first answer, and nobody else's."""

import pytest
from sqlalchemy import MetaData

from chassis.storage.audit import audit_table
from chassis.storage.database import Database
from chassis.storage.idempotency import IdempotencyKeys, KeyReused, Stored, idempotency_table, purge

_metadata = MetaData()

_keys, _audit = idempotency_table(_metadata), audit_table(_metadata)

ANSWER = Stored(202, b'{"id": 1}', '{"Location": "/1"}')


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        _metadata.create_all(connection)
    return database


def use(
    database: Database, tenant: str = "acme", client: str = "c", key: str = "k", digest: str = "h"
) -> Stored | None:
    with database.write() as connection:
        keys = IdempotencyKeys(connection, _keys)
        known = keys.claim(tenant, client, key, digest)
        if known is None:
            keys.store(tenant, client, key, ANSWER)
        return known


def claim_and_fail(database: Database) -> None:
    with database.write() as connection:
        IdempotencyKeys(connection, _keys).claim("acme", "c", "k", "h")
        raise ZeroDivisionError


def test_the_first_request_gets_the_key_and_the_second_its_answer(database: Database) -> None:
    assert use(database) is None
    assert use(database) == ANSWER


def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    use(database)
    with pytest.raises(KeyReused):
        use(database, digest="other")


def test_a_key_belongs_to_one_tenant_and_client(database: Database) -> None:
    use(database)
    assert use(database, tenant="other", digest="other") is None
    assert use(database, client="other", digest="other") is None


def test_each_owner_of_a_key_gets_its_own_answer_again(database: Database) -> None:
    owners = [("acme", "c"), ("acme", "other"), ("other", "c"), ("other", "other")]
    answers = {
        owner: Stored(200 + number, f"answer {number}".encode(), "{}")
        for number, owner in enumerate(owners)
    }
    for owner, answer in answers.items():
        with database.write() as connection:
            keys = IdempotencyKeys(connection, _keys)
            assert keys.claim(*owner, "k", f"hash of {owner}") is None
            keys.store(*owner, "k", answer)
    for owner, answer in answers.items():
        assert use(database, *owner, digest=f"hash of {owner}") == answer
        with pytest.raises(KeyReused):
            use(database, *owner, digest="another's")


def test_a_request_that_failed_leaves_its_key_free(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        claim_and_fail(database)
    assert use(database) is None


def test_old_keys_are_forgotten(database: Database) -> None:
    use(database)
    with database.write() as connection:
        assert purge(connection, _keys, 0) == 0
        assert purge(connection, _keys, 2**62) == 1
    assert use(database) is None
