"""A service has handlers for exactly the events that it declares."""

import dataclasses

import pytest

from chassis.service.worker import Consumer, build
from diagnosis.app import SERVICE


def test_handlers_that_were_not_declared_are_refused(tmp_path):
    consumer = Consumer({"intake.case.v1": {"case.submitted": print}}, print)
    with pytest.raises(ValueError, match="declares other subscriptions"):
        build(SERVICE, None, None, None, consumer)


def test_a_service_publishes_to_one_topic_and_reads_others():
    assert SERVICE.topics == ("diagnosis.case.v1", "intake.case.v1")
    two = dataclasses.replace(SERVICE, publishes={"a": (), "b": ()})
    with pytest.raises(ValueError, match="too many"):
        _ = two.topic
