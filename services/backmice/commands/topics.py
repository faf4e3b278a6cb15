"""`backmice topics`; it needs no data directory."""

import click

from backmice.commands.options import Failed
from backmice.topics import TopicsNotMade, make


@click.command(help="make the topics that are missing")
@click.option("--broker-url", envvar="BROKER_URL", default="")
@click.option(
    "--replication",
    type=int,
    envvar="KAFKA_REPLICATION",
    help="how many brokers keep each event (KAFKA_REPLICATION=; 1 or 3)",
)
def topics(broker_url: str, replication: int | None) -> int:
    try:
        print("\n".join(make(broker_url, replication)))
    except TopicsNotMade as problem:
        raise Failed(str(problem)) from problem
    return 0
