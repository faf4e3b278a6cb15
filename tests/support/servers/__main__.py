"""Real servers to work with, until Ctrl-C: `python -m tests.support.servers`."""

import argparse
import signal
import sys
from contextlib import ExitStack

from tests.support.servers.jars import Missing
from tests.support.servers.kafka import KafkaServer
from tests.support.servers.postgres import SERVICES, MissingServer, PostgresServer


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.servers", description=__doc__)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    chosen = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as running:
            settings = _start(running, chosen.brokers)
            print("".join(f"export {name}='{value}'\n" for name, value in settings.items()))
            print("# then: make run PROFILE=servers    (Ctrl-C here stops both, and their data go)")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        print("servers: stopped", file=sys.stderr)
    except (Missing, MissingServer) as problem:
        print(f"servers: {problem}", file=sys.stderr)
        return 1
    return 0


def _start(running: ExitStack, brokers: int) -> dict[str, str]:
    kafka = running.enter_context(KafkaServer().start(brokers))
    postgres = PostgresServer()
    running.callback(postgres.stop)
    postgres.start()
    return {
        "BROKER_URL": kafka.url,
        "KAFKA_REPLICATION": str(brokers),
        **{f"{name.upper()}_DATABASE_URL": postgres.fresh_database(name) for name in SERVICES},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
