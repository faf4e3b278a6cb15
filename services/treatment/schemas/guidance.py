"""Guidance as it is served: rules with their versions, conditions, conclusions and sources."""

from collections.abc import Mapping
from typing import Any, Final

from chassis.knowledge import Knowledge, Rule, RuleVersion
from treatment.domain import citation, recorded_facts

SIGN_OFF: Final = "clinical sign-off: none yet"


def guidance_summary(rule: Rule) -> dict[str, Any]:
    """Shows a rule in a list: its newest version in short."""
    newest = rule.versions[-1]
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "in_force": _dates(newest),
        "strength": newest.strength,
        "says": newest.then["says"],
        "because": newest.because,
        "sources": list(newest.sources),
    }


def guidance_view(guidance: Knowledge, rule: Rule) -> dict[str, Any]:
    """Shows a rule whole: every version, its conditions, what it reads and what it rests on."""
    keys = sorted({key for version in rule.versions for key in version.sources})
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "sign_off": SIGN_OFF,
        "versions": [_version(version) for version in rule.versions],
        "facts": recorded_facts(guidance, rule),
        "treatments": _treatments(guidance, rule.id),
        "file": rule.file,
        "guidance": {"version": guidance.version, "sha256": guidance.digest},
        "citations": {key: citation(guidance.bibliography[key]) for key in keys},
    }


def _version(version: RuleVersion) -> dict[str, Any]:
    return {
        "in_force": _dates(version),
        "strength": version.strength,
        "strength_note": version.strength_note,
        "project_choice": version.project_choice,
        "because": version.because,
        "sources": list(version.sources),
        "when": dict(version.when),
        "then": dict(version.then),
    }


def _dates(version: RuleVersion) -> dict[str, str | None]:
    until = version.end.isoformat() if version.end else None
    return {"from": version.start.isoformat(), "to": until}


def _treatments(guidance: Knowledge, rule: str) -> list[str]:
    """Lists the treatments that a rule stands before, as gate or as contraindication."""
    tables: list[Mapping[str, Any]] = guidance.other["modalities.toml"]["modality"]
    return [t["code"] for t in tables if rule in t["gates"] or rule in t["contraindications"]]
