"""Which rule plays which part in a plan, as `knowledge/roles.toml` names it."""

from collections.abc import Mapping
from typing import Any

import msgspec


class JudgedBy(msgspec.Struct, frozen=True):
    """A rule that judges the last treatment, and how it calls the result."""

    rule: str
    result: str


class Roles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rule ids by the part that they play; `roles.toml` says what each part is."""

    lock: str
    block: str
    after_treatment: str
    conservative: str
    nsaid: str
    nsaid_sources: tuple[str, ...]
    pregnancy: str
    stated_dose: str
    screen_repeated: str
    decided_in_diagnosis: tuple[str, ...]
    block_proposed: str
    competing: str
    negative_block: str
    cluneal_entrapment: str
    steps: tuple[str, ...]
    self_care: tuple[str, ...]
    outcome: tuple[JudgedBy, ...]
    beside_outcome: tuple[str, ...]
    settled: tuple[str, ...]
    needle_steps: tuple[str, ...]
    if_a_needle_fails: tuple[str, ...]
    if_care_fails: tuple[str, ...]
    safety_net: tuple[str, ...]
    speaks_for: dict[str, tuple[str, ...]]


def read_roles(table: Mapping[str, Any]) -> Roles:
    """Reads the table of roles.

    Raises:
        ValueError: A part is missing, or is not what it must be.
    """
    return msgspec.convert(dict(table), Roles)
