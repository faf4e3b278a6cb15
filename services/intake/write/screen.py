"""The one screen of a case as plain text, at most 40 lines of 80 columns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from intake.brief import Brief, Explanation, Question
from intake.case import Progress
from intake.write.layout import (
    INDENT,
    WIDTH,
    Block,
    both_ends,
    columns,
    labelled,
    within_screen,
    wrapped,
)
from rules.language.sentences import Sentences

SENTENCES: Final = Sentences.load(Path(__file__).parents[1] / "knowledge")

_VERDICT: Final = 10
_MODALITIES: Final = 30
_AT_ONCE: Final = frozenset({"emergency", "same_day"})

# How much each block matters: where a screen is too long, the lightest is cut first.
_COULD_CHANGE, _OTHERWISE, _TREATMENT, _NOTE, _IF_IT_FAILS, _REASON, _QUESTION = range(7)
_LIKELY, _LOOK_AGAIN, _LATER, _SAFE, _WHY, _TELL, _WHO, _DO_NOT, _DO, _FRAME = range(7, 17)


@dataclass(frozen=True)
class Shown:
    """What a screen shows.

    Attributes:
        case_id: The case.
        revision: The revision that is shown.
        newest: The newest accepted revision of the case.
        on: The day on which the revision was accepted.
        progress: How far the revision has come.
        brief: Its brief; None while there is none.
        older: An earlier revision that has a result; None if there is none.
    """

    case_id: str
    revision: int
    newest: int
    on: date
    progress: Progress
    brief: Brief | None = None
    older: int | None = None


def screen(shown: Shown, sentences: Sentences = SENTENCES) -> str:
    """Returns the screen.

    Args:
        shown: What it shows.
        sentences: Its fixed words.
    """
    blocks = [Block(_title(shown, sentences), _FRAME)]
    if shown.brief is None:
        blocks += _without_result(shown, sentences)
    else:
        blocks += _with_result(shown, shown.brief, sentences)
    return "\n".join(line.rstrip() for line in within_screen(blocks)) + "\n"


def _title(shown: Shown, sentences: Sentences) -> tuple[str, ...]:
    older = shown.revision != shown.newest
    kind = "older" if older else "result"
    if shown.brief is None and not older:
        kind = "stopped" if shown.progress.state == "stopped" else "none"
    left = sentences.text(f"title.{kind}", revision=shown.revision, newest=shown.newest)
    subject = shown.brief.subject if shown.brief else ""
    about = ("older_about" if older else "about") + ("" if subject else "_no_one")
    day = f"{shown.on.day} {shown.on:%b %Y}"
    named = {"subject": subject, "revision": shown.revision, "day": day}
    return both_ends(left, sentences.text(f"title.{about}", **named))


def _without_result(shown: Shown, sentences: Sentences) -> Iterator[Block]:
    stopped = shown.progress.state == "stopped"
    waiting = shown.progress.waiting_for or "plan"
    label = "stopped" if stopped else "wait"
    text = sentences.text(f"progress.{label}_{waiting}")
    yield labelled(sentences.text(f"label.{label}"), text, _DO, gap=True)
    yield labelled(sentences.text("label.do"), sentences.text("progress.decide"), _DO)
    if shown.older is not None:
        text = sentences.text("progress.older", revision=shown.older)
        yield labelled(sentences.text("label.older"), text, _FRAME, gap=True)
        address = f"/v1/cases/{shown.case_id}/revisions/{shown.older}"
        yield Block(wrapped(address, " " * INDENT, " " * INDENT), _FRAME)


def _with_result(shown: Shown, brief: Brief, sentences: Sentences) -> Iterator[Block]:
    yield from _action(brief, sentences)
    yield from _questions(brief, sentences)
    yield from _likelihood(brief, sentences)
    yield from _treatments(brief, sentences)
    yield from _course(shown, brief, sentences)
    signed = sentences.text("full.heading", sign_off=brief.sign_off)
    yield Block(wrapped(signed, "", ""), _FRAME, gap=True)
    yield Block(_addresses(shown, brief), _FRAME)


def _action(brief: Brief, sentences: Sentences) -> Iterator[Block]:
    action = brief.action
    do = action.do.text
    key = f"urgency.{action.urgency}"
    if key in sentences and not do.upper().startswith(sentences.text(key).rstrip(".")):
        do = f"{sentences.text(key)} {do}"
    who = sentences.text("who.when", who=action.who, when=action.when)
    yield labelled(sentences.text("label.do"), do, _DO, 3, gap=True)
    yield labelled(sentences.text("label.who_when"), who, _WHO)
    if brief.why:
        why = " ".join(sentence.text for sentence in brief.why)
        yield labelled(sentences.text("label.why"), why, _WHY, 2)
    if action.do_not is not None:
        yield labelled(sentences.text("label.do_not"), action.do_not, _DO_NOT)
    if brief.likely is not None or action.urgency not in _AT_ONCE:
        safety = brief.safety
        stopped = action.do_not is not None or safety.answered < safety.of
        label = sentences.text("label.asked" if stopped else "label.safe")
        yield labelled(label, safety.text, _SAFE, 2)


def _questions(brief: Brief, sentences: Sentences) -> Iterator[Block]:
    if brief.ask_next:
        yield Block((sentences.text("ask.heading"),), _FRAME, gap=True)
    for number, question in enumerate(brief.ask_next, start=1):
        first = sentences.text("ask.number", number=number)
        others = " " * len(first)
        yield Block(wrapped(question.text, first, others), _QUESTION)
        yield Block(wrapped(question.could_change, others, others), _COULD_CHANGE)


def _likelihood(brief: Brief, sentences: Sentences) -> Iterator[Block]:
    likely = brief.likely
    if likely is not None:
        yield labelled(sentences.text("label.likely"), likely.text, _LIKELY, gap=True)
        for label, sentence in (("for", likely.speaks_for), ("against", likely.speaks_against)):
            text = sentence.text if sentence else sentences.text("likely.nothing")
            yield labelled(sentences.text(f"label.{label}"), text, _REASON)
    if brief.otherwise:
        names = [_explanation(one, brief.ask_next, sentences) for one in brief.otherwise]
        label = sentences.text("label.otherwise")
        yield labelled(label, "; ".join(names), _OTHERWISE, gap=likely is None)


def _explanation(one: Explanation, questions: tuple[Question, ...], sentences: Sentences) -> str:
    for number, question in enumerate(questions, start=1):
        if one.rule in question.rules or one.settled_by in (question.examination, question.text):
            return sentences.text("otherwise.settled_by_question", name=one.name, number=number)
    if one.settled_by is None:
        return one.name
    return sentences.text("otherwise.settled_by_test", name=one.name, test=one.settled_by)


def _treatments(brief: Brief, sentences: Sentences) -> Iterator[Block]:
    if brief.treatments:
        yield Block((sentences.text("treatment.heading"),), _FRAME, gap=True)
    for line in brief.treatments:
        names = ", ".join(modality.words for modality in line.modalities)
        if len(brief.treatments) == 1 and len(line.modalities) > 1:
            names = sentences.text("treatment.all")
        verdict = f"  {sentences.text(f'treatment.{line.verdict}'):<{_VERDICT}}"
        yield Block(columns(verdict, names, _MODALITIES, line.reason), _TREATMENT)


def _course(shown: Shown, brief: Brief, sentences: Sentences) -> Iterator[Block]:
    for blocks in (_follow_up(brief, sentences), _later(shown, brief, sentences)):
        for position, block in enumerate(blocks):
            yield replace(block, gap=position == 0)


def _follow_up(brief: Brief, sentences: Sentences) -> Iterator[Block]:
    if brief.tell is not None:
        key = f"tell.{brief.subject.partition(',')[0]}"
        label = sentences.text(key if key in sentences else "tell.anyone")
        yield labelled(label, brief.tell.text, _TELL, 2)
    for notice in brief.notices:
        yield labelled(sentences.text("label.note"), notice, _NOTE)
    if brief.look_again:
        looks = [f"{_day(look.on)} {look.text}".strip() for look in brief.look_again]
        yield labelled(sentences.text("label.look_again"), " · ".join(looks), _LOOK_AGAIN)
    if brief.if_it_fails is not None:
        yield labelled(sentences.text("label.if_it_fails"), brief.if_it_fails.text, _IF_IT_FAILS)


def _later(shown: Shown, brief: Brief, sentences: Sentences) -> Iterator[Block]:
    """What comes later; a stopped revision has no plan on its way, whatever its brief expected."""
    stopped = shown.progress.state == "stopped"
    if brief.later is not None and (not stopped or brief.likely is None):
        yield labelled(sentences.text("label.later"), brief.later, _LATER)
    if stopped:
        text = sentences.text("progress.stopped_plan")
        yield labelled(sentences.text("label.stopped"), text, _LATER)


def _day(on: str | None) -> str:
    if on is None:
        return ""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        return on
    return f"{day.day} {day:%b}"


def _addresses(shown: Shown, brief: Brief) -> tuple[str, ...]:
    here = f"/v1/cases/{shown.case_id}/revisions/{shown.revision}"
    more = f"  {here}/assessment"
    if brief.kind != "plan":
        return (more,)
    both = f"{more} · plan"
    return (both,) if len(both) <= WIDTH else (more, f"  {here}/plan")
