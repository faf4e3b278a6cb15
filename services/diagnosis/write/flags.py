"""The words of red flags on the screen: the grade's own, and else those of the rule."""

from collections.abc import Iterable, Sequence

from diagnosis.judge.ruleset import RulesInForce
from rules.language.sentences import Sentences

MOST_NAMED = 2


class FlagWords:
    """Finds the words of a red flag by its rule and the grade that applies."""

    def __init__(self, rules: RulesInForce, sentences: Sentences) -> None:
        self._flags = rules.flag_of
        self._sentences = sentences

    def text(self, rule: str, grade: int, name: str) -> str:
        """Return the words of a grade, or else of its rule.

        Raises:
            KeyError: Neither has such words.
        """
        when = self._flags[rule].grades[grade].when
        key = f"{rule}.{when}.{name}"
        return self._sentences.text(key if when and key in self._sentences else f"{rule}.{name}")

    def has(self, rule: str, grade: int, name: str) -> bool:
        """Tell whether the grade or its rule has such words."""
        when = self._flags[rule].grades[grade].when
        return f"{rule}.{when}.{name}" in self._sentences or f"{rule}.{name}" in self._sentences

    def names(self, rules: Iterable[str]) -> list[str]:
        """Return what flags are called inside a sentence."""
        return [self._sentences.text(f"{rule}.name") for rule in rules]


def some(names: Sequence[str], most: int = MOST_NAMED, mark: str = "; ") -> tuple[str, int]:
    """Join the first names, and count the rest."""
    return mark.join(names[:most]), max(len(names) - most, 0)
