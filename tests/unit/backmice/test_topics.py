"""The topics of the deploy step are those that the services declare."""

import subprocess
import sys

import pytest
from kafka.admin import ConfigResource, KafkaAdminClient
from tests.support.waiting import eventually

from backmice.__main__ import main
from backmice.topics import TopicsNotMade, make, wanted
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import TopicSpec
from diagnosis import app as diagnosis
from intake import app as intake
from treatment import app as treatment

SERVICES = ("intake", "diagnosis", "treatment")
DAY_MS = 24 * 3_600 * 1_000


def test_they_are_exactly_what_the_services_publish_to_and_read():
    services = [app.SERVICE for app in (intake, diagnosis, treatment)]
    published = {service.topic for service in services}
    assert {spec.name for spec in wanted()} == published
    assert {topic for service in services for topic in service.subscribes} <= published


def test_three_brokers_keep_each_event_and_two_must_have_it():
    assert {(spec.partitions, spec.replication, spec.min_insync) for spec in wanted(3)} == {
        (12, 3, 2)
    }
    assert {(spec.partitions, spec.min_insync) for spec in wanted()} == {(12, 1)}
    for nonsense in (2, 7):
        with pytest.raises(TopicsNotMade, match="must be one of 1, 3"):
            wanted(nonsense)


def test_one_copy_among_several_brokers_is_nobodys_default(tmp_path, monkeypatch):
    url = f"local://{tmp_path}/events"
    monkeypatch.setattr("chassis.messaging.local.LocalBroker.brokers", lambda _: 3)
    with pytest.raises(TopicsNotMade, match=r"3 brokers: say .* KAFKA_REPLICATION=3"):
        make(url)
    assert make(url, 1)[0] == "intake.case.v1 is made, with 4 partitions"


def test_the_environment_says_how_many_brokers_keep_each_event(monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("KAFKA_REPLICATION", "2")
    assert main(["topics", "--broker-url", f"local://{tmp_path}/events"]) == 1
    assert "must be one of 1, 3" in capfd.readouterr().err


def test_making_them_twice_changes_nothing_and_says_so(tmp_path):
    url = f"local://{tmp_path}/events"
    assert make(url)[0] == "intake.case.v1 is made, with 4 partitions"
    assert make(url) == [f"{name}.case.v1 exists" for name in SERVICES]


def test_a_topic_with_other_partitions_stays_and_is_told(tmp_path):
    url = f"local://{tmp_path}/events"
    broker = open_broker(url)
    broker.ensure_topics([TopicSpec("intake.case.v1", partitions=2)])
    broker.close()
    assert make(url)[0] == "intake.case.v1 exists with 2 partitions, not 4: that stays"


@pytest.mark.parametrize(
    ("url", "reason"),
    [("", "BROKER_URL"), ("rabbit://here", "BROKER_URL"), ("kafka://127.0.0.1:1", "127.0.0.1:1")],
)
def test_what_cannot_be_reached_is_one_sentence(url, reason):
    command = [sys.executable, "-m", "backmice", "topics", "--broker-url", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.startswith("backmice: ")
    assert "Traceback" not in done.stderr


@pytest.mark.servers
def test_a_real_cluster_gets_them_with_retention_and_replicas(kafka_server):
    lines = make(kafka_server.url)
    assert [line.split()[0] for line in lines] == [f"{name}.case.v1" for name in SERVICES]
    assert make(kafka_server.url) == [f"{name}.case.v1 exists" for name in SERVICES]
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as admin:
        configs = admin.describe_configs([ConfigResource("TOPIC", "intake.case.v1")])
    settings = {name: one["value"] for name, one in configs["topic"]["intake.case.v1"].items()}
    assert settings["retention.ms"] == str(14 * DAY_MS)
    assert settings["cleanup.policy"] == "delete"


@pytest.mark.servers
def test_settings_of_a_topic_that_somebody_changed_are_told_and_stay(kafka_server):
    def sentence():
        return make(kafka_server.url)[-1]

    make(kafka_server.url)
    before = {"retention.ms": str(14 * DAY_MS), "min.insync.replicas": "1"}
    other = {"retention.ms": str(DAY_MS), "min.insync.replicas": "2"}
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as admin:
        admin.alter_configs([ConfigResource("TOPIC", "treatment.case.v1", other)])
        eventually(
            lambda: (
                sentence() == "treatment.case.v1 exists with 2 min.insync.replicas, not 1; "
                "1 days of retention, not 14: that stays"
            )
        )
        admin.alter_configs([ConfigResource("TOPIC", "treatment.case.v1", before)])
        eventually(lambda: sentence() == "treatment.case.v1 exists")
