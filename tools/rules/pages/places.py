"""Where each rule, definition and source is told, so that the pages can link to each other."""

import functools
from collections.abc import Mapping

from tests.knowledge.sets import ROOT, SERVICES, rule_set

FOLDER = ROOT / "docs" / "rules"
GROUPS: Mapping[str, str] = {
    "red_flags": "Red flags",
    "criteria": "Criteria of a back mouse",
    "differentials": "Other explanations",
    "examinations": "Next examinations",
    "options": "Options of treatment",
    "contraindications": "Contraindications",
    "follow_up": "Follow-up",
}
SOURCES = "sources.md"


@functools.cache
def _pages() -> Mapping[str, str]:
    return {
        rule.id: f"{rule.file.partition('/')[0]}.md"
        for service in SERVICES
        for rule in rule_set(service).knowledge.rules.values()
    }


def page_of(rule: str) -> str:
    """Name the page that tells a rule."""
    return _pages()[rule]


def definitions_page(service: str) -> str:
    """Name the page that tells the definitions of a service."""
    return f"definitions_{service}.md"


def rule_link(rule: str) -> str:
    """Link to a rule."""
    return f"[{rule}]({page_of(rule)}#{rule.lower()})"


def definition_link(name: str, service: str) -> str:
    """Link to a definition."""
    return f"[{name}]({definitions_page(service)}#{name.lower()})"


def source_link(key: str) -> str:
    """Link to a source."""
    return f"[{key}]({SOURCES}#{key.lower()})"


def hazard_link(name: str) -> str:
    """Link to a hazard."""
    return f"[{name}](../safety.md#{name.lower()})"
