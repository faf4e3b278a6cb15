"""A real Kafka in KRaft mode, of one broker or three, each of which can be killed or frozen."""

import base64
import os
import random
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from tests.support.processes import stand_still
from tests.support.servers.jars import classpath, java
from tests.support.servers.ports import mine
from tests.support.waiting import eventually

START_SECONDS = 60.0
STARTED = re.compile(r"\[KafkaRaftServer nodeId=\d+\] Kafka Server started")
JVM = ("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

COMMON = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "offsets.topic.num.partitions": "2",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.segment.bytes": "16777216",
    "log.cleaner.dedupe.buffer.size": "2097152",
    # a broker that was killed may come back without waiting for the end of its old session
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}
ALONE = {
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}
OF_THREE = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "unclean.leader.election.enable": "false",
    "replica.lag.time.max.ms": "2000",
    # on a busy machine one of three may say nothing for a while, and is not gone
    "broker.session.timeout.ms": "6000",
}
LOGGING = """\
status = warn
appender.console.type = Console
appender.console.name = STDOUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = STDOUT
logger.kafka.name = kafka.server
logger.kafka.level = info
logger.server.name = org.apache.kafka.server
logger.server.level = info
"""


@dataclass(frozen=True)
class Listener:
    """How clients are let in: the protocol of the listener, and what it needs."""

    protocol: str = "PLAINTEXT"
    properties: Mapping[str, str] = field(default_factory=dict)
    scram: Mapping[str, str] = field(default_factory=dict)


class KafkaServer:
    """One cluster in a temporary folder, in process groups of its own."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener or Listener()
        self.folder = Path()
        self._nodes: list[_Node] = []

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{node.port}" for node in self._nodes)

    @property
    def url(self) -> str:
        return f"kafka://{self.bootstrap}"

    @property
    def pids(self) -> list[int]:
        return [node.pid for node in self._nodes]

    def start(
        self, brokers: int = 1, prepare: Callable[[Path], object] = lambda _data: None
    ) -> Self:
        """Format and start, and wait until clients are served; `prepare` may make data folders."""
        command = (java(), "-cp", classpath())
        self.folder = Path(mkdtemp(prefix="backmice-kafka-"))
        ports = free_ports(2 * brokers)
        nodes = list(zip(ports[::2], ports[1::2], strict=True))
        for number, (port, controller) in enumerate(nodes, 1):
            node = _Node(number, port, controller, self.folder / f"broker-{number}", command)
            node.write(self._properties(node, [other for _, other in nodes]))
            prepare(node.data)
            self._nodes.append(node)
        self._format()
        try:
            for node in self._nodes:
                node.launch()
            for node in self._nodes:
                node.await_start()
        except BaseException:
            self.stop()
            raise
        return self

    def kill(self, number: int = 0) -> None:
        """End a broker with SIGKILL, as a power cut would."""
        self._nodes[number].kill()

    def runs(self, number: int = 0) -> bool:
        """Whether a broker has not ended, by itself or killed."""
        return self._nodes[number].runs()

    def restart(self, number: int = 0) -> None:
        """Start a broker that was killed on what it left behind, and wait for it."""
        self.launch(number)
        self._nodes[number].await_start()

    def launch(self, number: int = 0) -> None:
        """Start a broker, and do not wait: of three, one alone may not come up."""
        self._nodes[number].kill()
        self._nodes[number].launch()

    def rot(self, partition: str, value: bytes, number: int = 0) -> None:
        """Change one bit of a value in the log of a partition, as a bad disk would."""
        (path,) = (self._nodes[number].folder / "data" / partition).glob("*.log")
        place = path.read_bytes().index(value)
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([value[0] ^ 1]))

    def freeze(self, number: int = 0) -> None:
        """Stop a broker where it is; others think that it is gone, it does not."""
        stand_still(self._nodes[number].pid)

    def thaw(self, number: int = 0) -> None:
        self._nodes[number].signal(signal.SIGCONT)

    def log(self, number: int = 0) -> str:
        return self._nodes[number].log.read_text(errors="replace")

    def stop(self) -> None:
        """Kill all brokers and forget their data."""
        for node in self._nodes:
            node.kill()
        self._nodes.clear()
        if self.folder.name.startswith("backmice-kafka-"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _properties(self, node: "_Node", controllers: Sequence[int]) -> dict[str, str]:
        listeners = f"CLIENT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller}"
        voters = [f"{number}@127.0.0.1:{port}" for number, port in enumerate(controllers, 1)]
        alone = len(controllers) == 1
        protocol = self._listener.protocol
        return {
            **COMMON,
            **(ALONE if alone else OF_THREE),
            "node.id": str(node.number),
            "listeners": listeners,
            "advertised.listeners": listeners,
            "inter.broker.listener.name": "CLIENT",
            "listener.security.protocol.map": f"CLIENT:{protocol},CONTROLLER:PLAINTEXT",
            "log.dirs": str(node.data),
            **(
                {"controller.quorum.bootstrap.servers": f"127.0.0.1:{node.controller}"}
                if alone
                else {"controller.quorum.voters": ",".join(voters)}
            ),
            **self._listener.properties,
        }

    def _format(self) -> None:
        cluster = _cluster_id()
        options = ["--standalone"] if len(self._nodes) == 1 else []
        for user, password in self._listener.scram.items():
            options += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        running = [node.format(cluster, options) for node in self._nodes]
        for process in running:
            printed, _ = process.communicate()
            assert process.returncode == 0, f"Kafka's storage could not be made:\n{printed}"


class _Node:
    def __init__(
        self, number: int, port: int, controller: int, folder: Path, command: tuple[str, ...]
    ) -> None:
        self.number, self.port, self.controller, self.folder = number, port, controller, folder
        self.log = folder / "server.log"
        self.data = folder / "data"
        self._command = command
        self._settings = folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self._read_from = 0

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def write(self, properties: Mapping[str, str]) -> None:
        self.folder.mkdir()
        lines = [f"{name}={value}\n" for name, value in properties.items()]
        self._settings.write_text("".join(lines))
        (self.folder / "log4j2.properties").write_text(LOGGING)

    def format(self, cluster: str, options: Sequence[str]) -> subprocess.Popen[str]:
        program, *rest = self._command
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._settings)]
        return subprocess.Popen(
            [program, "-Xmx128m", "-XX:TieredStopAtLevel=1", *rest, *tool, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def launch(self) -> None:
        """Start in a process group of its own that ends with us, whatever ends us."""
        program, *rest = self._command
        logging = (
            f"-Dkafka.logs.dir={self.folder}",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
        )
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        command = [program, *JVM, *logging, *rest, "kafka.Kafka", str(self._settings)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_start(self) -> None:
        eventually(self._started, within=START_SECONDS, what=f"the start of Kafka ({self.log})")

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: int) -> None:
        os.killpg(self.pid, number)

    def _started(self) -> bool:
        printed = self.log.read_bytes()[self._read_from :].decode(errors="replace")
        ended = self._process is None or self._process.poll() is not None
        assert not ended, f"Kafka ended instead of starting:\n{printed[-3000:]}"
        return STARTED.search(printed) is not None and _listens(self.port)


def free_ports(count: int) -> list[int]:
    """Ports of ours that nobody has."""
    chosen: list[int] = []
    chance = random.SystemRandom()
    while len(chosen) < count:
        port = chance.choice(mine())
        if port not in chosen and _is_free(port):
            chosen.append(port)
    return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(1.0)
        return trial.connect_ex(("127.0.0.1", port)) == 0


def _cluster_id() -> str:
    """As `StorageTool random-uuid` makes it: 16 bytes that never begin with a minus."""
    return "B" + base64.urlsafe_b64encode(os.urandom(16)).decode()[1:].rstrip("=")
