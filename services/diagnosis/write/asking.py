"""The ranked questions of the screen, with what each answer could change."""

from collections.abc import Sequence

from diagnosis.judge.decision import Decision, RankedQuestion
from diagnosis.judge.examinations import SCREEN
from diagnosis.write.brief import Explanation, Question
from diagnosis.write.findings import Findings, lowered
from diagnosis.write.flags import FlagWords, listed, some
from rules.language.sentences import Sentences

MOST_ITEMS = 4
MOST_LABELS = 3
MOST_FACTS = 2
LINE = 74
MOST_EXPLANATIONS = 3
LIKELIHOOD = "likelihood"


class QuestionWriter:
    """Writes the questions and the other explanations of one decision."""

    def __init__(
        self, decision: Decision, findings: Findings, sentences: Sentences, flags: FlagWords
    ) -> None:
        self._decision = decision
        self._findings = findings
        self._sentences = sentences
        self._flags = flags

    def questions(self) -> tuple[Question, ...]:
        """Write the questions in the order in which they were ranked.

        While a red flag locks, only those are left that could reveal another that does.
        """
        locked = self._decision.locked
        return tuple(
            self._question(asked)
            for asked in self._decision.questions
            if asked.could_lock or not locked
        )

    def explanations(self) -> tuple[Explanation, ...]:
        """Write at most three other explanations, each with the test that settles it."""
        return tuple(
            Explanation(
                name=self._text(f"{one.rule}.name"),
                rule=one.rule,
                settled_by=self._text(f"{one.rule}.settled_by"),
            )
            for one in self._decision.differentials[:MOST_EXPLANATIONS]
        )

    def _question(self, asked: RankedQuestion) -> Question:
        shown = [self._findings.shown(name) for name in asked.facts]
        return Question(
            text=self._ask(asked, [entry.label for entry in shown]),
            could_change=self._could_change(asked),
            examination=asked.examination,
            facts=tuple(entry.fact for entry in shown[:MOST_FACTS]),
            rules=(*((asked.rule,) if asked.rule else ()), *_differentials(asked)),
        )

    def _ask(self, asked: RankedQuestion, labels: Sequence[str]) -> str:
        if asked.examination == SCREEN:
            return self._screen()
        if asked.rule is not None:
            return self._text(f"examination.{asked.examination}.ask")
        if len(asked.facts) == 1 and (question := self._findings.question(asked.facts[0])):
            return question
        named = list(dict.fromkeys(map(lowered, labels)))
        facts = listed(self._sentences, named[:MOST_LABELS], LINE // 2)
        return self._text(f"section.{asked.examination}", facts=facts)

    def _screen(self) -> str:
        screen, key = self._decision.screen, f"examination.{SCREEN}.ask"
        if not screen.open:
            return self._text(f"{key}_age")
        if len(screen.open) == screen.of and all(one.state == "not asked" for one in screen.open):
            return self._text(f"{key}_all", of=screen.of)
        items, more = some([self._text(f"item.{one.n}") for one in screen.open], MOST_ITEMS)
        return self._text(f"{key}_more" if more else key, items=items, count=more)

    def _could_change(self, asked: RankedQuestion) -> str:
        """Name the gravest thing that could change; for the likelihood alone, what settles it."""
        if asked.examination == SCREEN:
            return self._text("could.screen")
        settles = f"examination.{asked.examination}.settles"
        kinds = {change.partition(":")[0].partition("=")[0] for change in asked.could_change}
        if (not kinds or kinds == {LIKELIHOOD}) and settles in self._sentences:
            return self._text(settles)
        clauses = [*self._stops(asked), *self._likelihoods(asked), *self._pointed_to(asked)]
        return next(iter([*clauses, *self._others(asked)]), self._text("could.together"))

    def _stops(self, asked: RankedQuestion) -> list[str]:
        return [
            self._named(f"could.{effect}", self._flags.names(rules))
            for effect in ("lock", "hold")
            if (rules := _flags_that(asked, effect))
        ]

    def _likelihoods(self, asked: RankedQuestion) -> list[str]:
        outcomes = [
            self._text(f"likelihoods.{change.partition('=')[2]}")
            for change in asked.could_change
            if change.startswith(f"{LIKELIHOOD}=")
        ]
        if outcomes:
            return [self._text("could.becomes", likelihood=self._either(outcomes))]
        return [self._text("could.likelihood")] if LIKELIHOOD in asked.could_change else []

    def _either(self, names: Sequence[str]) -> str:
        if len(names) == 1:
            return names[0]
        return self._text("listed.either", first=", ".join(names[:-1]), last=names[-1])

    def _pointed_to(self, asked: RankedQuestion) -> list[str]:
        names = [self._text(f"{rule}.name") for rule in _differentials(asked)]
        return [self._named("could.differential", names)] if names else []

    def _others(self, asked: RankedQuestion) -> list[str]:
        return [
            self._named(f"could.{key}", self._flags.names(rules))
            for key, effect in (("release", "inactive"), ("note", "note"))
            if (rules := _flags_that(asked, effect))
        ]

    def _named(self, key: str, names: Sequence[str]) -> str:
        """Write a clause of one line with as many names as it holds."""
        room = LINE - len(self._text(key, names=""))
        return self._text(key, names=listed(self._sentences, names, room))

    def _text(self, key: str, **values: object) -> str:
        return self._sentences.text(key, **values)


def _differentials(asked: RankedQuestion) -> list[str]:
    """Name the other explanations that an answer could point to."""
    pairs = (change.partition(":") for change in asked.could_change)
    return [rule for kind, _, rule in pairs if kind == "differential"]


def _flags_that(asked: RankedQuestion, effect: str) -> list[str]:
    """Name the red flags that an answer could give an effect."""
    return [
        change.partition(":")[2].partition("=")[0]
        for change in asked.could_change
        if change.startswith("red_flag:") and change.endswith(f"={effect}")
    ]
