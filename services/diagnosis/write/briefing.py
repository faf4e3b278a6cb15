"""Writes the brief of a decision: one screen, as data with its sentences."""

from collections.abc import Sequence
from typing import Final

from diagnosis.judge.decision import Decision, FlagRef, Reason
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.action import ActionWriter
from diagnosis.write.asking import QuestionWriter
from diagnosis.write.brief import Brief, Likely, NamedFact, Safety, Sentence, Versions
from diagnosis.write.findings import Findings, Shown, lowered
from diagnosis.write.flags import FlagWords, some
from rules.language.sentences import Sentences

ADULT_YEARS: Final = 16  # a word for people only: woman or girl
DIGEST: Final = 12
MOST_REASONS: Final = 3
MOST_GROUNDS: Final = 3
MOST_FACTS: Final = 6
MOST_NOTES: Final = 2
MOST_CHARACTERS: Final = 160
AT_ONCE: Final = frozenset({"emergency", "same_day"})
TELL: Final = {
    "CONFIRMED": "probable",
    "PROBABLE": "probable",
    "POSSIBLE": "open",
    "INCIDENTAL": "incidental",
    "UNLIKELY": "unlikely",
}


def brief(decision: Decision, facts: Facts, rules: RulesInForce, sentences: Sentences) -> Brief:
    """Write the screen of a decision; the same arguments give the same bytes.

    Args:
        decision: what was decided.
        facts: flat facts as recorded.
        rules: the rules that it was decided by, for their vocabulary.
        sentences: the wording.
    """
    return _Briefing(decision, facts, rules, sentences).brief()


class _Briefing:
    def __init__(
        self, decision: Decision, facts: Facts, rules: RulesInForce, sentences: Sentences
    ) -> None:
        self._decision = decision
        self._facts = facts
        self._rules = rules
        self._sentences = sentences
        self._flags = FlagWords(rules, sentences)
        self._findings = Findings(facts, rules, sentences)

    def brief(self) -> Brief:
        decision = self._decision
        asking = QuestionWriter(decision, self._findings, self._sentences, self._flags)
        questions = asking.questions()
        action = ActionWriter(
            decision, self._rules, self._findings, self._sentences, self._flags
        ).action()
        at_once = decision.locked and action.urgency in AT_ONCE
        return Brief(
            kind="assessment",
            revision=decision.revision,
            on=decision.on,
            subject=self._subject(),
            action=action,
            why=self._why(),
            safety=self._safety(),
            ask_next=questions,
            likely=None if decision.locked else self._likely(),
            otherwise=() if at_once else asking.explanations(questions),
            later=self._later(),
            tell=self._tell(),
            notices=self._notices(),
            sign_off=self._text("brief.sign_off"),
            versions=Versions(
                ruleset=decision.ruleset.sha256[:DIGEST], wording=self._sentences.sha256[:DIGEST]
            ),
        )

    def _subject(self) -> str:
        age, sex = self._facts.get("age_years"), self._facts.get("sex_at_birth")
        key = sex if sex in {"female", "male"} else "other"
        if age is not None and age < ADULT_YEARS and key != "other":
            key = "girl" if sex == "female" else "boy"
        who = self._text(f"subject.{key}")
        if age is None:
            return self._text("subject.no_age", who=who)
        return self._text("subject.age", who=who, age=age)

    def _stop(self) -> FlagRef | None:
        """Return the red flag that demands the action; None where it is another."""
        first = self._decision.headline
        return first if first and first.grade is not None and first.urgency != "routine" else None

    def _why(self) -> tuple[Sentence, ...]:
        stop = self._stop()
        if stop is not None:
            return self._why_stopped(stop)
        reasons = self._decision.reasons
        against = [reason for reason in reasons if reason.side == "against"]
        most = MOST_REASONS - bool(against)
        chosen = [reason for reason in reasons if reason.side == "for"][:most]
        chosen += against[: MOST_REASONS - len(chosen)]
        if not chosen:
            return (Sentence(text=self._text("why.nothing")),)
        return tuple(self._reason(reason, "sentence") for reason in chosen)

    def _why_stopped(self, stop: FlagRef) -> tuple[Sentence, ...]:
        """Name what was recorded, what makes it urgent, and which other flags stop treatment."""
        rule, grade = stop.rule, stop.grade or 0
        shown = [self._findings.shown(name) for name in self._decision.grounds[:MOST_FACTS]]
        known = [entry for entry in shown if entry.value]
        sentences = []
        if known:
            text = self._text("why.recorded", findings=_joined(known, self._text("values.yes")))
            facts = tuple(entry.fact for entry in known)
            sentences.append(Sentence(text=text, rules=(rule,), facts=facts))
        sentences.append(Sentence(text=self._flags.text(rule, grade, "why"), rules=(rule,)))
        others = [
            flag.rule
            for flag in self._decision.flags
            if flag.rule != rule and flag.effect != "note"
        ]
        if others:
            names, more = some(self._flags.names(others))
            key = "why.also_more" if more else "why.also"
            text = self._text(key, names=names, count=more)
            sentences.append(Sentence(text=text, rules=tuple(others)))
        return tuple(sentences)

    def _reason(self, reason: Reason, form: str) -> Sentence:
        """Write a reason as a sentence of its own, or short with one of its facts beside it."""
        shown = [self._findings.shown(name) for name in reason.facts]
        values: dict[str, str] = {_field(name): "" for name in reason.facts}
        values |= {_field(entry.fact.name): _number(entry) for entry in shown}
        key = f"reason.{reason.code}"
        if reason.code == reason.rule and f"{key}.{form}" not in self._sentences:
            key, values = "reason.competing", {"name": self._text(f"{reason.rule}.name")}
        facts: tuple[NamedFact, ...] = ()
        if form == "sentence":
            facts = tuple(entry.fact for entry in shown)
        return Sentence(
            text=self._text(f"{key}.{form}", **values), rules=(reason.rule,), facts=facts
        )

    def _safety(self) -> Safety:
        screen, flags = self._decision.screen, self._decision.flags
        stops = [flag.rule for flag in flags if flag.effect != "note"]
        noted = [flag for flag in flags if flag.effect == "note"]
        noted.sort(key=lambda flag: not flag.withholds)
        if screen.complete and not stops:
            first = "safety.complete_noted" if noted else "safety.complete"
        else:
            first = "safety.open_age" if not screen.open and not screen.complete else "safety.open"
            first = "safety.answered" if screen.complete else first
        texts = [self._text(first, answered=screen.answered, of=screen.of)]
        texts += [self._stops(stops)] if stops else []
        texts += [self._flags.text(flag.rule, flag.grade, "safe") for flag in noted[:MOST_NOTES]]
        return Safety(
            text=" ".join(texts),
            answered=screen.answered,
            of=screen.of,
            rules=tuple(flag.rule for flag in flags),
        )

    def _stops(self, stops: Sequence[str]) -> str:
        names, more = some(self._flags.names(stops))
        key = "one_stops" if len(stops) == 1 else "stop_more" if more else "stop"
        return self._text(f"safety.{key}", count=len(stops), names=names)

    def _likely(self) -> Likely:
        decision = self._decision
        text = self._text(f"likely.{decision.likelihood}")
        if decision.provisional:
            low, high = decision.possible[-1], decision.possible[0]
            text = self._text(
                "likely.provisional",
                answer=text,
                lowest=self._text(f"likelihoods.{low}"),
                highest=self._text(f"likelihoods.{high}"),
            )
        return Likely(
            category=decision.likelihood,
            text=text,
            speaks_for=self._first("for"),
            speaks_against=self._first("against"),
        )

    def _first(self, side: str) -> Sentence | None:
        reasons = self._decision.reasons
        chosen = next((reason for reason in reasons if reason.side == side), None)
        return self._reason(chosen, "short") if chosen else None

    def _later(self) -> str:
        if self._decision.locked:
            return self._text("later.locked")
        return self._text("later.hold" if self._decision.hold else "later.plan")

    def _tell(self) -> Sentence:
        stop = self._stop()
        if stop is not None:
            text = self._flags.text(stop.rule, stop.grade or 0, "tell")
            return Sentence(text=text, rules=(stop.rule,))
        key = TELL.get(self._decision.likelihood, "unknown")
        return Sentence(text=self._text(f"tell.{key}", net=self._text("tell.net")))

    def _notices(self) -> tuple[str, ...]:
        notices = []
        if self._rules.roles.out_of_age in {flag.rule for flag in self._decision.flags}:
            notices.append(self._text("notices.out_of_age"))
        where = self._findings.place(self._decision.shown_nodule)
        if len(self._decision.nodules) > 1 and where and not self._decision.locked:
            nodule = self._text("place.nodule_at", where=where)
            count = len(self._decision.nodules)
            notices.append(self._text("notices.several", count=count, nodule=nodule))
        return tuple(notices)

    def _text(self, key: str, **values: object) -> str:
        return self._sentences.text(key, **values)


def _field(name: str) -> str:
    return name.rpartition(".")[2]


def _number(entry: Shown) -> str:
    """Return a value without the end of its scale, which the sentence names itself."""
    return entry.value.partition(" of ")[0]


def _joined(shown: Sequence[Shown], yes: str) -> str:
    """Join findings with their values, as many as a line or two hold; a yes is not repeated."""
    text = ""
    for entry in shown[:MOST_GROUNDS]:
        label = lowered(entry.label)
        finding = label if entry.value == yes else f"{label}: {entry.value}"
        longer = f"{text}; {finding}" if text else finding
        if text and len(longer) > MOST_CHARACTERS:
            break
        text = longer
    return text
