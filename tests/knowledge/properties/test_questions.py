"""Questions and the order of examinations are those of the full ranking, in which all is tried."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.knowledge.properties.services import ON, RULES, RULESET
from tests.knowledge.properties.sweep import made
from tests.knowledge.properties.test_properties import SEED

from diagnosis.judge import judge
from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.examinations import SCREEN, due_examinations
from diagnosis.judge.questions import MOST_QUESTIONS, deferred
from diagnosis.judge.ranking import Place, Ranked, finds, questions_of, ranked, yielded
from diagnosis.judge.spelling import MOST_FACTS
from diagnosis.judge.what_if import Finding, missing_findings

CASES = 120


def weighed(place: Ranked) -> tuple[Place, tuple[str, str | None]]:
    return place.place(), (place.due.examination, place.due.rule)


def of_sections(
    judged: Evaluated, places: list[Ranked], findings: list[Finding]
) -> list[tuple[Place, tuple[str, str | None]]]:
    """Rank what no examination yields by its section of the vocabulary."""
    if not judged.screen.complete:
        return []
    yields = frozenset().union(*(finds(RULES, place.due.examination) for place in places))
    asked: dict[str, set[str]] = {}
    for finding in findings:
        if finding.changes and not yielded(yields, finding.fact):
            asked.setdefault(RULES.section_of(finding.fact), set()).update(questions_of(finding))
    return [
        ((1 if questions & RULES.flag_ids else 2, -len(questions), True, 0, name), (name, None))
        for name, questions in asked.items()
    ]


@pytest.mark.parametrize("at", range(CASES))
def test_what_is_shown_is_what_ranking_everything_shows(at: int) -> None:
    facts: Mapping[str, Any] = made(SEED, at)
    judged, decision = evaluate(facts, RULES), judge(facts, RULESET, ON)
    findings = missing_findings(RULES, judged.evaluation, facts, judged.likelihood)
    places = ranked(RULES, due_examinations(RULES, judged), findings)
    assert [one.rule for one in decision.examinations] == [place.due.rule for place in places]
    if deferred(RULES, judged):
        assert decision.questions == ()
        return
    screen = [one for one in places if one.due.examination == SCREEN]
    asking = [one for one in places if one in screen or one.yields.finds or one.yields.asks]
    everything = [weighed(one) for one in asking]
    everything += of_sections(judged, places, findings)
    expected = [name for _, name in sorted(everything)[:MOST_QUESTIONS]]
    assert [(one.examination, one.rule) for one in decision.questions] == expected
    by_rule = {place.due.rule: place for place in asking}
    for question in decision.questions:
        if question.rule and question.examination != SCREEN:
            place = by_rule[question.rule]
            assert question.weight == len(place.questions)
            assert len(question.facts) == min(MOST_FACTS, len({f.fact for f in place.findings}))
