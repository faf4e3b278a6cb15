"""What contraindications mean for treatments, and where in an evaluation that stands."""

from typing import Any, Final, NamedTuple


class Effect(NamedTuple):
    """What a contraindication means for one treatment.

    Attributes:
        how: `block`, `caution`, `block_if` or `block_only_if`.
        condition: The definition that the last two ask.
    """

    how: str
    condition: str = ""


BLOCK: Final = Effect("block")  # what is not said to be less


class Standing(NamedTuple):
    """Where, in an evaluation, stands what says how a contraindication stands.

    Attributes:
        rule: Its id.
        place: Where its verdict is; None while it is not in force.
        how: What it means for the treatment, as in `Effect`.
        condition: Where the verdict of the definition is that `how` asks; None without one.
    """

    rule: str
    place: int | None
    how: str
    condition: int | None


class Needs(NamedTuple):
    """Where, in an evaluation, stands what decides on one treatment.

    Attributes:
        forbid: Verdicts that block it when true.
        answer: Verdicts that must not be unknown.
        gates: Verdicts that must be true.
        assessed: Whether everything that it names is in force.
    """

    forbid: tuple[int, ...]
    answer: tuple[int, ...]
    gates: tuple[int, ...]
    assessed: bool


def effect_of(effect: Any) -> Effect:
    """Reads what a contraindication is said to mean."""
    if isinstance(effect, str):
        return Effect(effect)
    ((how, condition),) = effect.items()
    return Effect(how, condition)
