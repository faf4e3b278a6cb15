"""Writes the brief of a plan: the one screen that stands once the plan exists."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rules import Vocabulary
from rules.language.sentences import Sentences
from treatment.judge.assessment import AssessmentCompleted
from treatment.judge.decision import Contact, Decision
from treatment.judge.guidance import Guidance
from treatment.judge.preparing import SOURCES
from treatment.write.asking import merged_questions
from treatment.write.brief import Action, Brief, LookAgain, Sentence, Versions
from treatment.write.lines import treatment_lines

SHORT: Final = 12  # characters of a digest that people read
_LIKELY: Final = frozenset({"CONFIRMED", "PROBABLE"})
_UNSETTLED: Final = frozenset({"competitor", "examination"})
_RECOVERED: Final = frozenset({"recovered_and_silent", "recovered", "success", "responder"})

Facts = Mapping[str, Any]


def write_brief(
    decision: Decision,
    assessment: AssessmentCompleted,
    assessed: Brief,
    facts: Facts,
    guidance: Guidance,
    sentences: Sentences,
) -> Brief:
    """Writes the screen: what belongs to the assessment is taken over, the rest is the plan's.

    Args:
        decision: What treatment decided.
        assessment: What diagnosis decided.
        assessed: The brief of diagnosis.
        facts: Flat facts of the revision.
        guidance: The guidance in force.
        sentences: The wording.
    """
    locked = assessment.locked
    return Brief(
        kind="plan",
        revision=decision.revision,
        on=decision.on,
        subject=assessed.subject,
        action=_action(decision, assessment, assessed, facts, guidance, sentences),
        why=assessed.why,
        safety=assessed.safety,
        ask_next=merged_questions(
            decision, assessment, assessed, guidance.compiled.vocabulary, sentences
        ),
        likely=assessed.likely,
        otherwise=assessed.otherwise,
        treatments=() if locked else treatment_lines(decision, sentences),
        later=(assessed.later or sentences.text("later.locked")) if locked else None,
        tell=_tell(decision, assessment, assessed, sentences),
        look_again=tuple(_look_again(one, sentences) for one in decision.follow_up),
        if_it_fails=_if_it_fails(decision, guidance, sentences),
        notices=assessed.notices,
        sign_off=assessed.sign_off,
        versions=Versions(
            ruleset=assessed.versions.ruleset,
            guidance=decision.guidance.sha256[:SHORT],
            wording=sentences.sha256[:SHORT],
        ),
    )


def _action(
    decision: Decision,
    assessment: AssessmentCompleted,
    assessed: Brief,
    facts: Facts,
    guidance: Guidance,
    sentences: Sentences,
) -> Action:
    """Takes over what a red flag demands; else the step is the action."""
    if assessment.locked or assessment.hold:
        return assessed.action
    step = decision.step
    line = next(one for one in guidance.lines if one.name == step.line)
    who, when = f"step.{step.line}.who", f"step.{step.line}.when"
    return Action(
        do=Sentence(text=_do(decision, assessment, assessed, facts, guidance, sentences), rules=_rules(line.when, guidance)),
        who=sentences.text(who if who in sentences else "who.default"),
        when=sentences.text(when if when in sentences else f"when.{step.urgency}"),
        urgency=step.urgency,
    )


def _rules(when: str, guidance: Guidance) -> tuple[str, ...]:
    return (when,) if when in guidance.rules else ()


def _do(
    decision: Decision,
    assessment: AssessmentCompleted,
    assessed: Brief,
    facts: Facts,
    guidance: Guidance,
    sentences: Sentences,
) -> str:
    """Says the step; with a block and an injection both possible, which one comes first."""
    step = decision.step
    released = decision.diagnostic_block == "released"
    kinds = ["waiting_block"] if step.waits and released else []
    kinds += ["waiting"] if step.waits else ["after_block"] if released else []
    keys = [f"step.{step.line}.{kind}" for kind in kinds]
    key = next((one for one in keys if one in sentences), f"step.{step.line}.do")
    text = sentences.text(
        key,
        nodule=_nodule(assessment, facts, guidance.compiled.vocabulary, sentences),
        answered=assessed.safety.answered,
        of=assessed.safety.of,
    )
    care = decision.outcome_of_care
    if care is None or care.pain_before is None or care.pain_after is None:
        return text
    before = care.pain_before if care.pain_just_before is None else care.pain_just_before
    scores = sentences.text("scores.changed", before=before, after=care.pain_after, days=care.days)
    return f"{text} {scores}"


def _nodule(
    assessment: AssessmentCompleted, facts: Facts, vocabulary: Vocabulary, sentences: Sentences
) -> str:
    """Names the nodule that may be the source of the pain, with its side and site."""
    sources = {one.id for one in assessment.nodules if one.likelihood in SOURCES}
    found = [one for one in facts.get("nodules") or () if one.get("id") in sources]
    if len(found) != 1:
        return sentences.text("nodule.several" if found else "nodule.one")
    place = _place(found[0], vocabulary, sentences)
    return sentences.text("nodule.placed", place=place) if place else sentences.text("nodule.one")


def _place(nodule: Mapping[str, Any], vocabulary: Vocabulary, sentences: Sentences) -> str:
    side, site = nodule.get("side"), nodule.get("site")
    if site in {"other", "lumbar_site_not_stated", side}:
        site = None
    side_words = sentences.text(f"nodule.side.{side}") if side else ""
    if site is None:
        return side_words
    values = vocabulary.list("nodules").fields["site"].values
    site_words = next(value.label for value in values if value.code == site)
    if not side_words:
        return sentences.text("nodule.at", site=site_words)
    return sentences.text("nodule.side_and_site", side=side_words, site=site_words)


def _tell(
    decision: Decision, assessment: AssessmentCompleted, assessed: Brief, sentences: Sentences
) -> Sentence:
    """Says what the patient should know, and what brings the patient back at once."""
    if assessment.locked:
        return assessed.tell or Sentence(text=sentences.text("tell.locked"))
    kind = _kind_of_tell(decision, assessment)
    text = sentences.text(f"tell.{kind}", net=sentences.text("tell.net"))
    return Sentence(text=text, rules=decision.safety_net)


def _kind_of_tell(decision: Decision, assessment: AssessmentCompleted) -> str:
    fat = any(one.fat_on_imaging is True for one in assessment.nodules)
    line = decision.step.line
    if assessment.hold or decision.outcome == "withheld" or line in _UNSETTLED:
        return "unsettled"
    if line in _RECOVERED:
        return "recovered"
    return "fat" if fat and assessment.likelihood in _LIKELY else "open"


def _look_again(contact: Contact, sentences: Sentences) -> LookAgain:
    what = sentences.text(f"look.{contact.kind}")
    if contact.on is None:
        what = sentences.text("look.undated", what=what, day=contact.day)
    return LookAgain(text=what, on=contact.on)


def _if_it_fails(decision: Decision, guidance: Guidance, sentences: Sentences) -> Sentence | None:
    if not decision.if_it_fails:
        return None
    needle = decision.step.code in guidance.roles.needle_steps
    text = sentences.text("fails.needle" if needle else "fails.care")
    return Sentence(text=text, rules=decision.if_it_fails)
