"""Writes the brief of a plan: the one screen that stands once the plan exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rules.language.sentences import Sentences
from treatment.judge.decision import Contact, Decision
from treatment.judge.guidance import Guidance
from treatment.judge.judging import Case
from treatment.judge.preparing import SOURCES
from treatment.write.asking import merged_questions
from treatment.write.brief import Action, Brief, LookAgain, Sentence, Versions
from treatment.write.lines import treatment_lines

SHORT: Final = 12  # characters of a digest that people read
_PLACES: Final = 2  # places of nodules that a sentence names
_CONTACTS: Final = 2  # contacts to come that are shown
_LIKELY: Final = frozenset({"CONFIRMED", "PROBABLE"})
_UNSETTLED: Final = frozenset({"competitor", "examination"})
_RECOVERED: Final = frozenset({"recovered_and_silent", "recovered", "success", "responder"})


@dataclass(frozen=True)
class _Screen:
    """What the brief is written from.

    Attributes:
        decision: What treatment decided.
        case: What was judged.
        assessed: The brief of diagnosis.
        guidance: The guidance in force.
        sentences: The wording.
    """

    decision: Decision
    case: Case
    assessed: Brief
    guidance: Guidance
    sentences: Sentences

    def text(self, key: str, /, **values: Any) -> str:
        """Returns a sentence."""
        return self.sentences.text(key, **values)

    def first(self, *keys: str) -> str:
        """Returns the first of these keys that has a sentence; the last one always has."""
        return next((key for key in keys if key in self.sentences), keys[-1])


def write_brief(
    decision: Decision, case: Case, assessed: Brief, guidance: Guidance, sentences: Sentences
) -> Brief:
    """Writes the screen: what belongs to the assessment is taken over, the rest is the plan's.

    Args:
        decision: What treatment decided.
        case: What was judged: the decision of diagnosis, the facts, the date.
        assessed: The brief of diagnosis.
        guidance: The guidance in force.
        sentences: The wording.
    """
    screen = _Screen(decision, case, assessed, guidance, sentences)
    locked = case.assessment.locked
    return Brief(
        kind="plan",
        revision=decision.revision,
        on=decision.on,
        subject=assessed.subject,
        action=_action(screen),
        why=assessed.why,
        safety=assessed.safety,
        ask_next=merged_questions(
            decision, case.assessment, assessed, guidance.compiled.vocabulary, sentences
        ),
        likely=assessed.likely,
        otherwise=assessed.otherwise,
        treatments=() if locked else treatment_lines(decision, case.facts, sentences),
        later=(assessed.later or sentences.text("later.locked")) if locked else None,
        tell=_tell(screen),
        look_again=tuple(_look_again(screen, one) for one in decision.follow_up[:_CONTACTS]),
        if_it_fails=_if_it_fails(screen),
        notices=assessed.notices,
        sign_off=assessed.sign_off,
        versions=Versions(
            ruleset=assessed.versions.ruleset,
            guidance=decision.guidance.sha256[:SHORT],
            wording=sentences.sha256[:SHORT],
        ),
    )


def _action(screen: _Screen) -> Action:
    """Takes over what a red flag demands; else the step is the action."""
    assessment, step = screen.case.assessment, screen.decision.step
    if assessment.locked or assessment.hold:
        return screen.assessed.action
    line = next(one for one in screen.guidance.lines if one.name == step.line)
    rules = (line.when,) if line.when in screen.guidance.rules else ()
    return Action(
        do=Sentence(text=_do(screen), rules=rules),
        who=screen.text(screen.first(f"step.{step.line}.who", "who.default")),
        when=screen.text(screen.first(f"step.{step.line}.when", f"when.{step.urgency}")),
        urgency=step.urgency,
    )


def _do(screen: _Screen) -> str:
    """Says the step; with a block and an injection both possible, which one comes first."""
    step = screen.decision.step
    released = screen.decision.diagnostic_block == "released"
    kinds = ["waiting_block"] if step.waits and released else []
    kinds += ["waiting"] if step.waits else ["after_block"] if released else []
    kinds += ["age"] if screen.case.facts.get("age_years") is None else []
    key = screen.first(*(f"step.{step.line}.{kind}" for kind in [*kinds, "do"]))
    safety = screen.assessed.safety
    open_items = safety.of - safety.answered
    text = screen.text(key, nodule=_nodule(screen), open=open_items, of=safety.of)
    return f"{text} {_scores(screen)}".rstrip()


def _scores(screen: _Screen) -> str:
    """Says how the pain changed since the last treatment, where that was measured."""
    care = screen.decision.outcome_of_care
    if care is None or care.pain_before is None or care.pain_after is None:
        return ""
    before = care.pain_before if care.pain_just_before is None else care.pain_just_before
    return screen.text("scores.changed", before=before, after=care.pain_after, days=care.days)


def _nodule(screen: _Screen) -> str:
    """Names the nodule that may be the source of the pain, with its side and site."""
    sources = {one.id for one in screen.case.assessment.nodules if one.likelihood in SOURCES}
    recorded = screen.case.facts.get("nodules") or ()
    found = [one for one in recorded if one.get("id") in sources]
    if not found:
        return screen.text("nodule.one")
    key = "several" if len(found) > 1 else "one"
    places = [place for one in found if (place := _place(screen, one))]
    if len(places) != len(found) or len(places) > _PLACES:
        return screen.text(f"nodule.{key}")
    return screen.text(f"nodule.{key}_placed", place=screen.text("nodule.or").join(places))


def _place(screen: _Screen, nodule: Mapping[str, Any]) -> str:
    """Names side and site in short; empty where neither is recorded."""
    side, site = nodule.get("side"), nodule.get("site")
    site_words = screen.text(f"short.{site}") if f"short.{site}" in screen.sentences else ""
    side_words = "" if not side or side == site else screen.text(f"short.side.{side}")
    return f"{side_words} {site_words}".strip()


def _tell(screen: _Screen) -> Sentence:
    """Says what the patient should know, and what brings the patient back at once."""
    assessment, told = screen.case.assessment, screen.assessed.tell
    if assessment.hold and told is not None:  # the words of the red flag that holds
        return told
    if assessment.locked:
        return screen.assessed.tell or Sentence(text=screen.text("tell.locked"))
    text = screen.text(f"tell.{_kind_of_tell(screen)}", net=screen.text("tell.net"))
    return Sentence(text=text, rules=screen.decision.safety_net)


def _kind_of_tell(screen: _Screen) -> str:
    assessment, line = screen.case.assessment, screen.decision.step.line
    fat = any(one.fat_on_imaging is True for one in assessment.nodules)
    if assessment.hold or screen.decision.outcome == "withheld" or line in _UNSETTLED:
        return "unsettled"
    if line in _RECOVERED:
        return "recovered"
    return "fat" if fat and assessment.likelihood in _LIKELY else "open"


def _look_again(screen: _Screen, contact: Contact) -> LookAgain:
    what = screen.text(f"look.{contact.kind}")
    if contact.on is None:
        what = screen.text("look.undated", what=what, day=contact.day)
    return LookAgain(text=what, on=contact.on)


def _if_it_fails(screen: _Screen) -> Sentence | None:
    decision = screen.decision
    if not decision.if_it_fails:
        return None
    needle = decision.step.code in screen.guidance.roles.needle_steps
    return Sentence(
        text=screen.text("fails.needle" if needle else "fails.care"), rules=decision.if_it_fails
    )
