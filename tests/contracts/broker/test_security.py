"""Kafka as in production: encrypted, with a password; what is wrong is said clearly."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contracts.broker.group import member, published, read, record
from tests.support.servers.certificates import Authority
from tests.support.servers.kafka import KafkaServer, Listener
from tests.support.waiting import eventually

from chassis.clock import new_id
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, BrokerUnavailable, Failed, TopicSpec
from chassis.settings import SettingsError

pytestmark = pytest.mark.servers
USER, PASSWORD = "intake", "only-for-this-test"
MECHANISM = "SCRAM-SHA-512"
OpenAs = Callable[..., Broker]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def guarded(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaServer]:
    """A broker that wants TLS and a SCRAM password, from other brokers too."""
    with KafkaServer(_listener(authority)).start() as server:
        with pytest.MonkeyPatch.context() as environment:
            secret = tmp_path_factory.mktemp("secret") / "password"
            broker = _opened(server, environment, secret, PASSWORD, authority.file)
            # its first handshake may take longer than a client waits
            eventually(lambda: _lets_in(broker), within=60)
            broker.close()
        yield server


def _opened(
    server: KafkaServer, environment: pytest.MonkeyPatch, secret: Path, password: str, ca_file: Path
) -> Broker:
    secret.write_text(f"{password}\n")
    environment.setenv("KAFKA_USERNAME", USER)
    environment.setenv("KAFKA_PASSWORD_FILE", str(secret))
    environment.setenv("KAFKA_CA_FILE", str(ca_file))
    return open_broker(f"{server.url}?security=sasl_ssl&mechanism={MECHANISM}")


def _lets_in(broker: Broker) -> bool:
    with contextlib.suppress(BrokerUnavailable):
        return broker.brokers() == 1
    return False


def _listener(authority: Authority) -> Listener:
    certificate, key = authority.issue()
    keystore = certificate.with_suffix(".pem")
    keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
    login = f'ScramLoginModule required username="{USER}" password="{PASSWORD}";'
    return Listener(
        protocol="SASL_SSL",
        scram={USER: PASSWORD},
        properties={
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(keystore),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(authority.file),
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "listener.name.client.scram-sha-512.sasl.jaas.config": (
                f"org.apache.kafka.common.security.scram.{login}"
            ),
        },
    )


@pytest.fixture
def open_as(
    guarded: KafkaServer,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> OpenAs:
    """Open it with other secrets than the right ones."""

    def again(password: str = PASSWORD, ca_file: Path = authority.file) -> Broker:
        return _opened(guarded, monkeypatch, tmp_path / "password", password, ca_file)

    return again


def test_events_travel_encrypted_with_a_password(open_as: OpenAs) -> None:
    broker, topic = open_as(), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    published(broker, record(topic, b"k", b"secret"))
    with member(broker, topic) as consumer:
        assert [one.value for one in read(consumer, 1)] == [b"secret"]
    broker.close()


def test_a_wrong_password_is_told_as_such(open_as: OpenAs) -> None:
    wrong = f"not-{PASSWORD}"
    broker = open_as(wrong)
    with pytest.raises(BrokerUnavailable, match=r"(?i)authenticat"):
        broker.partitions("t")
    (refused,) = broker.publish([record("t", b"k")], 10.0)
    assert isinstance(refused, Failed)
    assert "uthenticat" in refused.reason
    assert wrong not in refused.reason


def test_a_certificate_of_somebody_else_is_told_as_such(open_as: OpenAs, tmp_path: Path) -> None:
    broker = open_as(ca_file=Authority(tmp_path, "stranger").file)
    with pytest.raises(BrokerUnavailable, match=r"(?i)certificate"):
        broker.partitions("t")


def test_a_plain_connection_is_refused(guarded: KafkaServer) -> None:
    with pytest.raises(BrokerUnavailable):
        open_broker(guarded.url).partitions("t")


def test_a_missing_secret_stops_the_start(
    guarded: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD_FILE", "/nowhere")
    with pytest.raises(SettingsError, match="KAFKA_PASSWORD_FILE"):
        open_broker(f"{guarded.url}?security=sasl_ssl")
