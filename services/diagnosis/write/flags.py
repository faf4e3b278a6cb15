"""The words of red flags on the screen: the grade's own, and else those of the rule."""

from collections.abc import Iterable, Sequence

from diagnosis.judge.ruleset import RulesInForce
from rules.language.sentences import Sentences

MOST_NAMED = 2


class FlagWords:
    """Finds the words of a red flag by its rule, the grade that applies, and what was recorded.

    Args:
        rules: the rules in force.
        sentences: the fixed wording.
        recorded: what the first flag rests on, as ``field=value``: where the wording has a table
            of that name under the rule, it comes before the rule's own.
    """

    def __init__(
        self, rules: RulesInForce, sentences: Sentences, recorded: Sequence[str] = ()
    ) -> None:
        self._flags = rules.flag_of
        self._sentences = sentences
        self._recorded = recorded

    def text(self, rule: str, grade: int, name: str, **values: str) -> str:
        """Return the words of a grade, or of what was recorded, or else of its rule.

        Raises:
            KeyError: None of them has such words.
        """
        when = self._flags[rule].grades[grade].when
        tables = [f"{rule}.{one}" for one in ((when,) if when else ()) + tuple(self._recorded)]
        found = (key for table in tables if (key := f"{table}.{name}") in self._sentences)
        return self._sentences.text(next(found, f"{rule}.{name}"), **values)

    def names(self, rules: Iterable[str]) -> list[str]:
        """Return what flags are called inside a sentence."""
        return [self._sentences.text(f"{rule}.name") for rule in rules]


def some(names: Sequence[str], most: int = MOST_NAMED, mark: str = "; ") -> tuple[str, int]:
    """Join the first names, and count the rest."""
    return mark.join(names[:most]), max(len(names) - most, 0)


def listed(sentences: Sentences, names: Sequence[str], room: int) -> str:
    """Join as many names as there is room for, and count the rest; the first is always there."""
    for most in range(len(names), 0, -1):
        text, more = some(names, most, ", ")
        text = sentences.text("listed.more", names=text, count=more) if more else text
        if len(text) <= room:
            break
    return text
