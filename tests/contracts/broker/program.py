"""Publishes or reads until it is killed: `program.py URL publish|read TOPIC FILE`."""

import sys
from itertools import count
from pathlib import Path

from chassis.messaging.brokers import open_broker
from chassis.messaging.port import TP, Ok, Outgoing


def main(url: str, role: str, topic: str, path: Path) -> None:
    broker = open_broker(url)
    with path.open("a", encoding="ascii", buffering=1) as file:
        if role == "read":
            start = {TP(topic, part): 0 for part in range(broker.partitions(topic))}
            consumer = broker.consumer(f"g-{topic}", [topic], start)
            while True:
                for records in consumer.poll(0.1).values():
                    for record in records:
                        file.write(f"{record.value.decode()}\n")
        for number in count():
            batch = [
                Outgoing(topic, b"k%d" % part, (), b"%d-%d" % (part, number)) for part in range(5)
            ]
            results = broker.publish(batch, 10)
            for sent, result in zip(batch, results, strict=True):
                if isinstance(result, Ok):
                    file.write(f"{sent.value.decode()} {result.partition} {result.offset}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
