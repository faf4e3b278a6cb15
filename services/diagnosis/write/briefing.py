"""Writes the brief of a decision: one screen, as data with its sentences."""

from collections.abc import Sequence
from typing import Final

from diagnosis.judge.decision import ActiveFlag, Decision, FlagRef, Reason
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.action import ActionWriter
from diagnosis.write.asking import QuestionWriter
from diagnosis.write.brief import Brief, Likely, NamedFact, Safety, Sentence, Versions
from diagnosis.write.findings import Findings, Shown
from diagnosis.write.flags import FlagWords, listed
from rules.language.sentences import Sentences

ADULT_YEARS: Final = 16  # a word for people only: woman or girl
DIGEST: Final = 12
MOST_REASONS: Final = 3
MOST_GROUNDS: Final = 3
MOST_NOTES: Final = 1
MOST_CHARACTERS: Final = 100  # of the findings of one sentence
MOST_OF_WHY: Final = 200  # three lines
MOST_OF_NODULES: Final = 126  # characters; two lines
BESIDE: Final = frozenset({"kind", "region", "nodule_id"})  # fields that only say what others mean
AT_THE_HOSPITAL: Final = ("pulse_per_min", "systolic_mmhg")
AT_ONCE: Final = frozenset({"emergency", "same_day"})
CHILDREN: Final = {"female": "girl", "male": "boy", "other": "child"}
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
        self._findings = Findings(facts, rules, sentences)
        recorded = [self._findings.coded(name) for name in decision.grounds]
        self._flags = FlagWords(rules, sentences, recorded)

    def brief(self) -> Brief:
        decision = self._decision
        asking = QuestionWriter(decision, self._findings, self._sentences, self._flags)
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
            ask_next=() if at_once else asking.questions(),
            likely=None if decision.locked else self._likely(),
            otherwise=() if decision.locked else asking.explanations(),
            later=self._later(),
            tell=self._tell(),
            notices=self._notices(at_once=at_once),
            sign_off=self._text("brief.sign_off"),
            versions=Versions(
                ruleset=decision.ruleset.sha256[:DIGEST], wording=self._sentences.sha256[:DIGEST]
            ),
        )

    def _subject(self) -> str:
        age, key = self._facts.get("age_years"), self._person()
        if age is not None and age < ADULT_YEARS:
            key = CHILDREN[key]
        who = self._text(f"subject.{key}")
        if age is None:
            return self._text("subject.no_age", who=who)
        return self._text("subject.age", who=who, age=age)

    def _person(self) -> str:
        sex = self._facts.get("sex_at_birth")
        return sex if sex in {"female", "male"} else "other"

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
        sentences = []
        known = self._grounds()
        if known:
            text = self._text("why.recorded", findings=self._joined(known))
            facts = tuple(entry.fact for entry in known)
            sentences.append(Sentence(text=text, rules=(rule,), facts=facts))
        sentences.append(Sentence(text=self._flags.text(rule, grade, "why"), rules=(rule,)))
        others = [
            flag.rule
            for flag in self._decision.flags
            if flag.rule != rule and flag.effect != "note"
        ]
        if others:
            room = MOST_OF_WHY - sum(len(one.text) for one in sentences)
            names = listed(self._sentences, self._flags.names(others), room)
            sentences.append(
                Sentence(text=self._text("why.also", names=names), rules=tuple(others))
            )
        return tuple(sentences)

    def _grounds(self) -> list[Shown]:
        """Show the first findings that the headline rests on."""
        names = [name for name in self._decision.grounds if _field(name) not in BESIDE]
        shown = (self._findings.shown(name) for name in names)
        return [entry for entry in shown if entry.value][:MOST_GROUNDS]

    def _joined(self, shown: Sequence[Shown]) -> str:
        """Join findings with their values, as many as there is room for."""
        phrases = dict.fromkeys(self._findings.phrase(entry) for entry in shown)
        findings = listed(self._sentences, list(phrases), MOST_CHARACTERS)
        place = self._findings.which_nodule(shown)
        return self._text("phrase.of_nodule", finding=findings, place=place) if place else findings

    def _reason(self, reason: Reason, form: str) -> Sentence:
        """Write a reason as a sentence of its own, or short with one of its facts beside it."""
        names = [name for name in reason.facts if _field(name) not in BESIDE]
        shown = [self._findings.shown(name) for name in names]
        values = {"whose": self._text(f"whose.{self._person()}")}
        values |= {_field(name): "" for name in reason.facts}
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
        if stops and self._stop() is None:  # else they stand with the action
            names = listed(self._sentences, self._flags.names(stops), MOST_CHARACTERS)
            texts.append(self._text("safety.stops", names=names))
        texts += [self._noted(flag) for flag in noted[:MOST_NOTES] if not stops]
        return Safety(
            text=" ".join(texts),
            answered=screen.answered,
            of=screen.of,
            rules=tuple(flag.rule for flag in flags),
        )

    def _noted(self, flag: ActiveFlag) -> str:
        """Write what is only noted, with what it rests on where it comes first."""
        headline = self._decision.headline
        known = self._grounds()[:1] if headline and headline.rule == flag.rule else []
        findings = self._joined(known) if known else self._text("safety.weak_sign")
        return self._flags.text(flag.rule, flag.grade, "safe", findings=findings)

    def _likely(self) -> Likely:
        decision = self._decision
        text = self._text(f"likely.{decision.likelihood}")
        if decision.provisional:
            text = self._still_open(text)
        return Likely(
            category=decision.likelihood,
            text=text,
            speaks_for=self._first("for"),
            speaks_against=self._first("against"),
        )

    def _still_open(self, answer: str) -> str:
        """Say what the open answers can still make of it."""
        ends = (self._decision.possible[-1], self._decision.possible[0])
        others = [one for one in ends if one != self._decision.likelihood]
        named = [self._text(f"likelihoods.{one}") for one in others]
        if len(named) == 1:
            return self._text("likely.provisional_one", answer=answer, other=named[0])
        return self._text("likely.provisional", answer=answer, lowest=named[0], highest=named[-1])

    def _each_nodule(self) -> str:
        """Name the nodules in short, each with its own answer."""
        shown = self._decision.shown_nodule
        nodules = sorted(self._decision.nodules, key=lambda one: one.id != shown)
        named = [
            self._text(
                "notices.of_nodule",
                nodule=self._findings.place(one.id) or self._text("place.unplaced"),
                likelihood=self._text(f"likelihoods.{one.likelihood}"),
            )
            for one in nodules
        ]
        each = listed(self._sentences, named, MOST_OF_NODULES)
        return self._text("notices.nodules", each=each)

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

    def _notices(self, *, at_once: bool) -> tuple[str, ...]:
        notices = []
        if at_once:
            known = [self._for_hospital(name) for name in AT_THE_HOSPITAL]
            notices.append(self._text("notices.hospital", findings=", ".join(known)))
        if self._rules.roles.out_of_age in {flag.rule for flag in self._decision.flags}:
            notices.append(self._text("notices.out_of_age"))
        if len(self._decision.nodules) > 1 and not self._decision.locked:
            notices.append(self._each_nodule())
        return tuple(notices)

    def _for_hospital(self, name: str) -> str:
        entry = self._findings.shown(name)
        key = "known" if entry.value else "unknown"
        label = self._text(f"hospital.{name}")
        return self._text(f"hospital.{key}", label=label, value=entry.value)

    def _text(self, key: str, **values: object) -> str:
        return self._sentences.text(key, **values)


def _field(name: str) -> str:
    return name.rpartition(".")[2]


def _number(entry: Shown) -> str:
    """Return a value without the end of its scale, which the sentence names itself."""
    return entry.value.partition(" of ")[0]
