"""A submission turned into the facts of an event, without a case being made of it."""

from datetime import date
from typing import Any

from intake.case.coherence import ImplausibleCase, faults
from intake.case.findings import Body, Findings, tidy


def prepare(findings: Findings, document: Body, on: date) -> dict[str, Any]:
    """Return the facts that an event would carry, the record of care among them.

    Args:
        findings: What the vocabulary says.
        document: Sections and lists as they are submitted, checked by the schema.
        on: The day from which dates are counted back.

    Raises:
        ImplausibleCase: With every contradiction.
    """
    body = tidy(findings.answered(document))
    if found := faults(findings, body, on):
        raise ImplausibleCase(found)
    return findings.outgoing(body, on)
