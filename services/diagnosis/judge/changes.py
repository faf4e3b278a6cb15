"""What a decision changes against the one before it."""

from collections.abc import Collection

from diagnosis.judge.decision import ActiveFlag, Decision


def newly_active(decision: Decision, before: Collection[str]) -> list[ActiveFlag]:
    """List the red flags that are active now and were not in the case's previous decision.

    Args:
        decision: the new decision.
        before: ids of the rules that were active in the previous one.
    """
    return [flag for flag in decision.flags if flag.rule not in before]
