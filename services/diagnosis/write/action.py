"""The action of the screen: what the first red flag demands, or the next examination."""

from typing import Final

from diagnosis.judge.decision import Decision, FlagRef
from diagnosis.judge.examinations import SCREEN
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.brief import Action, Sentence, Urgency
from diagnosis.write.findings import Findings
from diagnosis.write.flags import FlagWords
from rules.language.sentences import Sentences

_URGENCY: Final[dict[str, Urgency]] = {
    "emergency": "emergency",
    "same_day": "same_day",
    "urgent": "urgent",
    "hold": "urgent",
    "routine": "routine",
}


class ActionWriter:
    """Writes the action of one decision."""

    def __init__(
        self,
        decision: Decision,
        rules: RulesInForce,
        findings: Findings,
        sentences: Sentences,
        flags: FlagWords,
    ) -> None:
        self._decision = decision
        self._rules = rules
        self._findings = findings
        self._sentences = sentences
        self._flags = flags

    def action(self) -> Action:
        """Write what to do: the headline first, unless it is only noted."""
        headline = self._decision.headline
        if headline is not None and headline.grade is None:
            return self._screen(headline.rule)
        if headline is not None and headline.urgency != "routine":
            return self._flag(headline, headline.grade or 0)
        return self._examination()

    def _flag(self, headline: FlagRef, grade: int) -> Action:
        words = {
            name: self._flags.text(headline.rule, grade, name)
            for name in ("do", "who", "when", "do_not")
        }
        return Action(
            do=Sentence(text=words["do"], rules=(headline.rule,)),
            who=words["who"],
            when=words["when"],
            urgency=_URGENCY[headline.urgency],
            do_not=words["do_not"],
        )

    def _screen(self, rule: str) -> Action:
        screen = self._decision.screen
        key = "do" if screen.open else "do_age"
        do = self._text(f"examination.{SCREEN}.{key}", open=len(screen.open), of=screen.of)
        return self._routine(f"examination.{SCREEN}", Sentence(text=do, rules=(rule,)))

    def _examination(self) -> Action:
        chosen = self._next()
        if chosen is None:
            do = Sentence(text=self._text(f"do.{self._decision.likelihood}"))
            return self._routine("do", do)
        code, rule = chosen
        where = self._findings.place(self._decision.shown_nodule)
        nodule = self._text("place.nodule_at", where=where) if where else self._nodule()
        do = Sentence(text=self._text(f"examination.{code}.do", nodule=nodule), rules=(rule,))
        return self._routine(f"examination.{code}", do)

    def _next(self) -> tuple[str, str] | None:
        """Choose the first examination that can settle something, or comes before treatment."""
        weights = {one.rule: one.weight for one in self._decision.questions}
        for one in self._decision.examinations:
            then = self._rules.rules[one.rule].then
            if weights.get(one.rule) or then.get("before_treatment"):
                return one.examination, one.rule
        return None

    def _routine(self, key: str, do: Sentence) -> Action:
        who, when = self._text(f"{key}.who"), self._text(f"{key}.when")
        return Action(do=do, who=who, when=when, urgency="routine")

    def _nodule(self) -> str:
        return self._text("place.nodule")

    def _text(self, key: str, **values: object) -> str:
        return self._sentences.text(key, **values)
