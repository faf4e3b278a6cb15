"""Each dead letter comes with advice."""

from chassis.messaging.operating.advice import advice


def test_the_advice_for_what_nobody_knows_is_to_deploy_or_to_skip():
    assert "once more only" in advice("process-died")
    assert "skip it" in advice("never-heard-of")
