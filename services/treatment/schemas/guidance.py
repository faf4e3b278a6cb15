"""Guidance as it is served: rules with their versions, conditions, conclusions and labels."""

from collections.abc import Mapping
from typing import Any

from rules import Knowledge, Rule
from rules.catalogue.pages import About, page, summary


def guidance_summary(rule: Rule) -> dict[str, Any]:
    """Shows a rule in a list: its newest version in short."""
    return summary(rule) | {"says": rule.versions[-1].then["says"]}


def guidance_view(guidance: Knowledge, rule: Rule, about: About) -> dict[str, Any]:
    """Shows a rule whole: its versions, what it reads and rests on, its label and its tests."""
    return page(guidance, rule, about) | {
        "treatments": _treatments(guidance, rule.id),
        "guidance": {"version": guidance.version, "sha256": guidance.digest},
    }


def _treatments(guidance: Knowledge, rule: str) -> list[str]:
    """Lists the treatments that a rule stands before, as gate or as contraindication."""
    tables: list[Mapping[str, Any]] = guidance.other["modalities.toml"]["modality"]
    return [t["code"] for t in tables if rule in t["gates"] or rule in t["contraindications"]]
