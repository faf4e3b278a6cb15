"""What a plan rests on of an assessment: read once, checked, and kept; the rest is ignored."""

from collections.abc import Mapping
from typing import Any, Final

_LIKELIHOODS: Final = frozenset(
    {"CONFIRMED", "PROBABLE", "POSSIBLE", "INCIDENTAL", "UNLIKELY", "NOT-ASSESSABLE"}
)
_HEADLINE: Final = ("rule", "title", "urgency", "action")
_NODULE: Final = ("id", "likelihood", "fat_on_imaging")
_CITED: Final = ("text", "doi", "pmid", "url", "read", "note")
_GROUPS: Final = ("needle", "energy", "manual")


class UnreadableAssessment(ValueError):
    """The assessment lacks what a plan rests on; the sentence says what."""


def basis(document: Any) -> dict[str, Any]:
    """Takes from an assessment document what a plan rests on.

    Args:
        document: The assessment document.

    Returns:
        A smaller document of the same shape; it gives the same plan.

    Raises:
        UnreadableAssessment: Something is missing without which no plan is safe.
    """
    if not isinstance(document, Mapping) or document.get("kind") != "assessment":
        raise UnreadableAssessment("assessment is not an assessment document.")
    if document.get("likelihood") not in _LIKELIHOODS:
        raise UnreadableAssessment("assessment.likelihood is missing or unknown.")
    flags = _flags(document.get("red_flags"))
    return {
        "kind": "assessment",
        "case_id": document.get("case_id"),
        "revision": document.get("revision"),
        "likelihood": document["likelihood"],
        "red_flags": flags,
        "nodules": [_cut(one, _NODULE) for one in _list(document, "nodules")],
        "competing": document.get("competing"),
        "differentials": [
            _cut(one, ("rule", "state")) for one in _list(document, "differentials")[:1]
        ],
        "verdicts": _verdicts(document.get("verdicts")),
        "ruleset": document.get("ruleset"),
        "citations": _citations(document, flags),
    }


def _flags(flags: Any) -> dict[str, Any]:
    if not isinstance(flags, Mapping):
        raise UnreadableAssessment("assessment.red_flags is missing.")
    screen = flags.get("screen")
    complete = screen.get("complete") if isinstance(screen, Mapping) else None
    answers = {"locked": flags.get("locked"), "hold": flags.get("hold"), "screen": complete}
    for name, answer in answers.items():
        if not isinstance(answer, bool):
            raise UnreadableAssessment(f"assessment.red_flags.{name} does not say yes or no.")
    headline = flags.get("headline")
    rule = headline.get("rule") if isinstance(headline, Mapping) else None
    return {
        "headline": _cut(headline, _HEADLINE) if isinstance(headline, Mapping) else None,
        "locked": flags["locked"],
        "locks": _words(flags.get("locks")),
        "hold": flags["hold"],
        "holds": _words(flags.get("holds")),
        "withheld": _groups(flags.get("withheld")),
        "active": [
            _cut(one, ("rule", "sources"))
            for one in _list(flags, "active")
            if one.get("rule") == rule
        ],
        "screen": {"complete": complete},
    }


def _groups(groups: Any) -> dict[str, Any]:
    known = groups if isinstance(groups, Mapping) else {}
    return {name: _words(known[name]) for name in _GROUPS if isinstance(known.get(name), list)}


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _list(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise UnreadableAssessment(f"assessment.{name} is not a list of objects.")
    return value


def _cut(document: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document.get(name) for name in names}


def _verdicts(verdicts: Any) -> dict[str, bool | None]:
    if not isinstance(verdicts, Mapping):
        raise UnreadableAssessment("assessment.verdicts is missing.")
    read = ("BC-05", "BC-08", "NE-01", "NE-02", "NE-03", "NE-04", "NE-05")
    found = {rule: verdicts.get(rule) for rule in read}
    for rule, verdict in found.items():
        if verdict is not None and not isinstance(verdict, bool):
            raise UnreadableAssessment(f"assessment.verdicts.{rule} is not true, false or null.")
    return found


def _citations(document: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    known = document.get("citations")
    keys = {key for flag in flags["active"] for key in _words(flag["sources"])}
    if not isinstance(known, Mapping):
        return {}
    told = {key: known[key] for key in sorted(keys) if _is_citation(known.get(key))}
    return {key: {n: one[n] for n in _CITED if n in one} for key, one in told.items()}


def _is_citation(entry: Any) -> bool:
    return isinstance(entry, Mapping) and {"text", "read"} <= set(entry)
