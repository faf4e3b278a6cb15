"""Writes the questions of the screen: those of diagnosis and of treatment, at most three."""

from collections.abc import Sequence
from typing import Final

from rules import Vocabulary
from rules.catalogue.questions import question
from rules.language.sentences import Sentences
from treatment.judge import decision as decided
from treatment.judge.assessment import AssessmentCompleted, RankedQuestion
from treatment.judge.questions import BLOCK, MODALITY, MOST, STEP
from treatment.write.brief import Brief, NamedFact, Question
from treatment.write.lines import modality_name

_NAMED: Final = 2  # conclusions and facts that a question names
_WISHES: Final = "requested_modalities."  # a patient who wants something says so unasked
CONSENT: Final = "consent"

# The lower, the sooner it is asked. Neither service knows the other's weights, so they are compared
# by what an answer could change: a red flag, then the likelihood, the step, another explanation.
_RED_FLAG, _LIKELIHOOD, _STEP, _DIFFERENTIAL, _TREATMENT, _TOGETHER = range(6)


def merged_questions(
    decision: decided.Decision,
    assessment: AssessmentCompleted,
    assessed: Brief,
    vocabulary: Vocabulary,
    sentences: Sentences,
) -> tuple[Question, ...]:
    """Ranks the questions of both services by what they could change."""
    if assessment.locked:
        return assessed.ask_next
    ranks = [_rank_of_assessment(one) for one in assessment.questions]
    ranks += [_DIFFERENTIAL] * (len(assessed.ask_next) - len(ranks))
    ranked = list(zip(ranks, assessed.ask_next, strict=False))
    asked = {fact for one in assessment.questions for fact in one.facts}
    asked |= {fact.name for one in assessed.ask_next for fact in one.facts}
    ranked += [
        (_rank(one), _question(one, vocabulary, sentences))
        for one in decision.questions
        if asked.isdisjoint(one.facts) and not all(name.startswith(_WISHES) for name in one.facts)
    ]
    ranked.sort(key=lambda one: one[0])  # stable: each service's own order stays
    return tuple(one for _, one in ranked[:MOST])


def _rank_of_assessment(one: RankedQuestion) -> int:
    if one.could_lock or one.could_hold:
        return _RED_FLAG
    likelihood = any(change.startswith("likelihood") for change in one.could_change)
    return _LIKELIHOOD if likelihood else _DIFFERENTIAL


def _rank(one: decided.RankedQuestion) -> int:
    if not one.alone:
        return _TOGETHER
    return _STEP if STEP in one.could_change else _TREATMENT


def _question(
    one: decided.RankedQuestion, vocabulary: Vocabulary, sentences: Sentences
) -> Question:
    return Question(
        text=_text(one, vocabulary, sentences),
        could_change=_could_change(one, sentences),
        examination=one.topic,
        facts=tuple(
            NamedFact(name=name, words=fact_label(vocabulary, name)) for name in one.facts[:_NAMED]
        ),
    )


def fact_label(vocabulary: Vocabulary, name: str) -> str:
    """Returns what people call a fact or a list."""
    known = vocabulary.lists.get(name)
    return known.label if known else vocabulary.fact(name).label


def _text(one: decided.RankedQuestion, vocabulary: Vocabulary, sentences: Sentences) -> str:
    if one.topic == CONSENT:
        codes = [name.partition(".")[2] for name in one.facts]
        return sentences.text(
            "question.consent",
            names=_joined([_consent(sentences, code) for code in codes], sentences),
        )
    key = f"question.{one.topic}"
    if key not in sentences or (len(one.facts) == 1 and _has_question(vocabulary, one.facts[0])):
        return question(vocabulary, one.facts[0])
    return sentences.text(key)


def _has_question(vocabulary: Vocabulary, name: str) -> bool:
    known = vocabulary.lists.get(name)
    table = known.table if known else vocabulary.fact(name).table
    return "question" in table


def _consent(sentences: Sentences, code: str) -> str:
    key = f"consented.{code}"
    return sentences.text(key) if key in sentences else modality_name(sentences, code)


def _could_change(one: decided.RankedQuestion, sentences: Sentences) -> str:
    if one.topic == CONSENT:
        return sentences.text("could_change.consent")
    names = [_conclusion(name, sentences) for name in one.could_change]
    key = "could_change.alone" if one.alone else "could_change.together"
    return sentences.text(key, names=_joined(names, sentences))


def _conclusion(name: str, sentences: Sentences) -> str:
    if name in {STEP, BLOCK}:
        return sentences.text(f"could_change.{name}")
    return modality_name(sentences, name.removeprefix(MODALITY))


def _joined(names: Sequence[str], sentences: Sentences) -> str:
    """Lists a few names; what is left out is said to be more."""
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        shown.append(sentences.text("could_change.more"))
    if len(shown) == 1:
        return shown[0]
    return sentences.text("could_change.and", first=", ".join(shown[:-1]), last=shown[-1])
