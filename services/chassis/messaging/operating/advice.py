"""What to do about a dead letter, by its reason code."""

from typing import Final

_KNOWN: Final = {
    "handler-failed": "An error of the program, at the place that the reason names. It is tried "
    "again five times by itself. Mend the program, start it, then redrive.",
    "process-died": "The process was killed each time it applied this message, most likely for "
    "want of memory. Give it more or mend it, then redrive: it is tried once more only.",
    "unreadable-headers": "Nobody knows whom it concerns, and no attempt can change that. If it "
    "was an event of ours, reconcile finds what is missing and republish brings it. Then skip.",
    "body-not-json": "The body was damaged on its way or written by another program. Skip it, then "
    "republish the event from its producer if that has a whole one.",
    "sequence-reused": "Its producer was restored from a backup and counts a second time. Do not "
    "redrive. Follow 'restored from a backup' in docs/operations.md.",
}
_OTHER: Final = (
    "This program will never apply it: a shape or a version that it does not know, or a rule that "
    "it breaks. Deploy one that understands it and redrive, or skip it."
)


def advice(reason_code: str) -> str:
    """Return what a person can do about a dead letter of this reason."""
    return _KNOWN.get(reason_code, _OTHER)
