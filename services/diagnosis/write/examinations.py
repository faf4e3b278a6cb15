"""Next examinations in the document: what to do next, in order, and what each would settle."""

from collections.abc import Mapping, Sequence
from typing import Any

from diagnosis.judge.examinations import SCREEN, Due, due_examinations, tables_of_lines
from diagnosis.judge.ranking import Ranked, ranked
from diagnosis.judge.screen import OPEN
from diagnosis.judge.what_if import Finding
from diagnosis.write.case import Case
from diagnosis.write.red_flags import screen_sentence, strength

MOST_NAMED = 6  # more questions are named by their ids alone


def describe_examinations(case: Case, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """List the next examinations: safety first, then what settles most, then the burden.

    Args:
        case: the judged case.
        findings: the missing findings, with what each could change.
    """
    due = due_examinations(case.rules, case.evaluated)
    return [
        {"rank": place, **_examination(case, entry.due), **_place(case, entry)}
        for place, entry in enumerate(ranked(case.rules, due, findings), 1)
    ]


def decided_by(case: Case) -> list[dict[str, str]]:
    """Name the examinations that decide a provisional answer, and how."""
    rules = case.rules
    titles = {t["id"]: t["title"] for t in tables_of_lines(rules, case.evaluation)}
    if case.is_true(rules.roles.palpation_missing):
        because = rules.rules[rules.roles.palpation_missing].because
        return [{"examination": titles["palpation"], "sentence": because}]
    found = {
        (titles[line.examination], line.settles): None
        for line in case.evaluated.likelihood.open_lines
        if line.examination and line.settles
    }
    return [{"examination": title, "sentence": sentence} for title, sentence in found]


def _examination(case: Case, due: Due) -> dict[str, Any]:
    if due.examination == SCREEN:
        return _screen(case, due)
    rule = case.rules.rules[due.rule]
    return {
        "rule": due.rule,
        "examination": due.examination,
        "title": due.table["title"] if due.table else rule.title,
        "because": rule.because,
        "settles": _settles(case, due),
        "before_treatment": due.before_treatment,
        "strength": strength(rule),
        "sources": list(rule.sources),
    }


def _settles(case: Case, due: Due) -> list[str]:
    if due.table is None:
        return list(case.rules.rules[due.rule].then["settles"])
    lines = case.evaluated.likelihood.open_lines
    mine = [line.settles for line in lines if line.examination == due.examination and line.settles]
    return list(dict.fromkeys(mine))


def _screen(case: Case, due: Due) -> dict[str, Any]:
    states = zip(case.evaluated.screen.items, case.rules.screen, strict=True)
    tables: list[Mapping[str, Any]] = [table for item, table in states if item.state in OPEN]
    return {
        "rule": due.rule,
        "examination": due.examination,
        "title": case.text("screen.examination"),
        "because": case.text("screen.because", screen=screen_sentence(case)),
        "settles": [table["asks"] for table in tables] or [case.text("screen.age")],
        "before_treatment": True,
        "strength": case.text("strength.project_choice"),
        "sources": sorted({key for table in tables for key in table["sources"]}),
    }


def _place(case: Case, entry: Ranked) -> dict[str, Any]:
    """Write what an examination is ranked by, and why it has its place."""
    burden = {
        "class": entry.yields.burden,
        "words": case.rules.burdens[entry.yields.burden],
        "source": case.text("strength.project_choice"),
    }
    by = {
        "safety": {"class": entry.safety, "because": _safety(case, entry)},
        "questions": list(entry.questions),
        "together": entry.together,
        "burden": burden,
    }
    return {"ranked_by": by, "why_here": _why(case, by)}


def _safety(case: Case, entry: Ranked) -> str | None:
    """Say whether it is a question of safety; what is decided elsewhere gives no earlier place."""
    if entry.due.examination == SCREEN:
        return case.text("ranking.screen")
    if entry.flags:
        return case.text("ranking.flags", flags=", ".join(entry.flags))
    if entry.due.before_treatment:
        return case.text("ranking.before_treatment")
    return entry.yields.safety


def _why(case: Case, by: Mapping[str, Any]) -> str:
    """Put the reasons for a place into a sentence."""
    safety, questions, burden = by["safety"]["because"], by["questions"], by["burden"]
    first = case.text("ranking.safety", because=safety) if safety else case.text("ranking.unsafe")
    few = len(questions) <= MOST_NAMED
    named = ", ".join(_named(case, name) if few else name for name in questions)
    if questions:
        key = "ranking.settles_one" if len(questions) == 1 else "ranking.settles"
        settles = case.text(key, count=len(questions), questions=named)
    else:
        settles = case.text("ranking.together" if by["together"] else "ranking.settles_none")
    last = case.text("ranking.burden", words=burden["words"], source=burden["source"])
    return f"{first} {settles} {last}"


def _named(case: Case, question: str) -> str:
    rule = case.rules.rules.get(question)
    return f"{question} ({rule.title})" if rule else question
