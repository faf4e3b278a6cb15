"""Three brokers, of which one, the one that matters, or two are gone: scenarios 8 and 9."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from tests.faults.product.clients import load
from tests.faults.product.grounds import Ground, ground
from tests.faults.product.plant import CASES, SERVICES

pytestmark = pytest.mark.servers

FROZEN_S = 20.0
BACK_WITHIN_S = 60.0
MANY = 10
REFUSED = "the broker did not take everything"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("own"), brokers=3) as ready:
        ready.works.accepted(Prefer="wait=20")
        ready.works.settle()
        yield ready


@pytest.mark.parametrize("name", SERVICES)
def test_two_of_three_brokers_must_have_an_event(own: Ground, name: str) -> None:
    topic = f"{name}.case.v1"
    with closing(KafkaAdminClient(bootstrap_servers=own.kafka.bootstrap)) as admin:
        (described,) = admin.describe_topics([topic])
        settings = admin.describe_configs([ConfigResource("TOPIC", topic)])["topic"][topic]
    assert {len(part["replica_nodes"]) for part in described["partitions"]} == {3}
    assert settings["min.insync.replicas"]["value"] == "2"
    assert own.works.log.brokers() == 3


@pytest.mark.parametrize("which", ["leader", "controller"])
def test_a_killed_broker_is_replaced_by_the_others(own: Ground, which: str) -> None:
    _all_in_step(own)
    number = _leader(own) if which == "leader" else _controller(own)
    with load(own.works) as clients:
        own.kafka.kill(number)
        planned = own.works.count("treatment", "plans")
        own.works.until(
            lambda: own.works.count("treatment", "plans") > planned + 10, "plans", BACK_WITHIN_S
        )
        own.kafka.restart(number)

    assert clients.undocumented == []
    assert clients.hardly_refused
    own.works.settle(within=BACK_WITHIN_S)


def test_below_the_minimum_nothing_is_called_sent(own: Ground) -> None:
    works = own.works
    _all_in_step(own)
    first = _leader(own)
    second = (first + 1) % 3
    with works.frozen("intake", "relay"):  # so that it meets all of them at once
        own.kafka.kill(first)
        own.kafka.kill(second)
        late = [works.accepted() for _ in range(MANY)]
        refused = works.log_text("intake", "relay").count(REFUSED)

    with load(works) as clients:
        works.until(
            lambda: works.log_text("intake", "relay").count(REFUSED) > refused,
            "a trial",
            BACK_WITHIN_S,
        )
        assert _cases(own, "waiting") >= set(late)
        assert not _cases(own, "published") & set(late)
        own.kafka.launch(first)
        own.kafka.restart(second)

    assert clients.undocumented == []
    assert clients.hardly_refused
    works.settle(within=BACK_WITHIN_S)


def test_a_leader_that_sleeps_and_wakes_changes_nothing(own: Ground) -> None:
    _all_in_step(own)
    works, number, pids = own.works, _leader(own), own.works.pids()
    with load(works, clients=1) as clients:
        own.kafka.freeze(number)
        works.throughout(FROZEN_S, lambda: works.pids() == pids, "somebody was started again")
        own.kafka.thaw(number)

    assert clients.undocumented == []
    assert clients.hardly_refused
    works.settle(within=BACK_WITHIN_S)
    assert works.pids() == pids


def _cases(own: Ground, table: str) -> set[str]:
    return {row.subject for row in own.works.rows("intake", table)}


def _all_in_step(own: Ground) -> None:
    """Waits until each broker has caught up; one that was started again just now has not."""
    with closing(KafkaAdminClient(bootstrap_servers=own.kafka.bootstrap)) as admin:

        def in_step() -> bool:
            described = admin.describe_topics([f"{name}.case.v1" for name in SERVICES])
            return all(
                len(part["isr_nodes"]) == 3 for topic in described for part in topic["partitions"]
            )

        own.works.until(in_step, "three copies of everything", BACK_WITHIN_S)


def _leader(own: Ground) -> int:
    """The place of the broker that leads most partitions."""
    with closing(KafkaAdminClient(bootstrap_servers=own.kafka.bootstrap)) as admin:
        (described,) = admin.describe_topics([CASES])
    often = Counter(partition["leader_id"] for partition in described["partitions"])
    return int(often.most_common(1)[0][0]) - 1


def _controller(own: Ground) -> int:
    """The place of the broker that decides who leads."""
    with closing(KafkaAdminClient(bootstrap_servers=own.kafka.bootstrap)) as admin:
        described = admin.describe_metadata_quorum()
    return int(described["topics"][0]["partitions"][0]["leader_id"]) - 1
