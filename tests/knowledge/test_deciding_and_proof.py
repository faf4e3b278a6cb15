"""Decisive rules against a slow and simple reference; and every stored case proves."""

from datetime import date
from typing import Any

import orjson
import pytest
from tests.knowledge.generated_cases import RULESET, cases
from tests.knowledge.published.reader import (
    nobody,
    projected,
    published,
    with_perfect_nodule,
)
from tests.knowledge.sets import SERVICES, rule_set
from tests.knowledge.tested import file_of, written
from tests.knowledge.versions import faults, findings
from tests.support.assessed import judged, recommend
from tests.support.assessing import Assessment, assess

from diagnosis.judge import Ruleset, computed_from, evaluate
from diagnosis.judge.decisive import decisive_rules
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.likelihood import judge_likelihood
from diagnosis.judge.red_flags import active_flags, headline
from diagnosis.judge.screen import judge_screen
from rules import Knowledge
from rules.catalogue.label import RestsOn, label, recorded
from rules.catalogue.proof import compare
from rules.language.loader import from_canonical
from rules.what_if.counterfactual import Counterfactuals
from treatment.judge import deciding as treatment_deciding
from treatment.judge.judging import Judgement
from treatment.write import as_bytes

ON = date(2026, 11, 22)
RULES = RULESET.in_force(ON)
GUIDANCE = rule_set("treatment").knowledge
OTHERS = {True: (False, None), False: (True, None), None: (True, False)}
GENERATED = [facts for _, facts in cases(RULES, 40)]
BODIES = [
    *(projected(one.body, one.on) for one in published()[::4]),
    projected(with_perfect_nodule(nobody(), beside=False), ON),
]
ALL = [*GENERATED, *(RULESET.knowledge.vocabulary.flatten(body) for body in BODIES)]


def concluded(evaluation: Any) -> tuple[Any, ...]:
    """Category, headline, lock and hold, as the decision has them."""
    active = active_flags(RULES, evaluation)
    screen = judge_screen(RULES, evaluation, active)
    judged = Evaluated(evaluation, active, judge_likelihood(RULES, evaluation), screen)
    first = headline(RULES, active, complete=screen.complete)
    held = any(entry.effect == "hold" for entry in active)
    return judged.category, first and first.rule, judged.locked, held


@pytest.mark.parametrize("facts", ALL)
def test_a_rule_is_decisive_exactly_if_another_verdict_would_have_changed_the_answer(facts) -> None:
    judged = evaluate(facts, RULES)
    evaluation = judged.evaluation
    counterfactuals = Counterfactuals(RULES.compiled, [name for _, name in RULES.compiled.units])
    now = concluded(evaluation)
    expected = {
        name
        for name in RULES.rules
        for verdict in OTHERS[evaluation.verdict(name)]
        if concluded(counterfactuals.with_verdict(evaluation, name, verdict)) != now
    }
    assert decisive_rules(RULES, judged) - {"RFS-13"} == expected


@pytest.mark.parametrize("body", BODIES)
def test_a_rule_of_guidance_is_decisive_exactly_if_the_plan_would_have_been_another(body) -> None:
    document = assess(RULESET.knowledge.vocabulary.flatten(body), RULESET, ON).document
    judgement = judged(document, body, GUIDANCE, ON)
    compiled = judgement.guidance.compiled
    counterfactuals = Counterfactuals(compiled, [name for _, name in compiled.units])

    def outcome(one: Judgement) -> Any:
        try:
            return one.step_code, one.step[0].title, one.statuses
        except StopIteration:
            return "none", one.statuses

    def otherwise(name: str, verdict: Any) -> Judgement:
        evaluation = counterfactuals.with_verdict(judgement.evaluation, name, verdict)
        return Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)

    expected = {
        name
        for name in judgement.guidance.rules
        for verdict in OTHERS[judgement.verdict(name)]
        if outcome(otherwise(name, verdict)) != outcome(judgement)
    }
    assert treatment_deciding.decisive_rules(judgement) == expected


def test_the_screen_is_decisive_while_nothing_urgent_comes_before_it() -> None:
    minimal = {"age_years": 45, "nodule_present": "definite"}
    assert "RFS-13" in decisive_rules(RULES, evaluate(minimal, RULES))
    child = evaluate(minimal | {"age_years": 15}, RULES)
    assert "RFS-13" not in decisive_rules(RULES, child)


def again(found: Assessment, rules: Ruleset, facts: Any) -> dict[str, Any]:
    stored = orjson.dumps(found.document)
    kept = orjson.loads(orjson.dumps(facts))
    return compare(stored, orjson.dumps(assess(kept, rules, ON).document))


def test_every_stored_assessment_proves_by_the_stored_text_of_its_rules() -> None:
    rules = Ruleset(from_canonical(RULESET.knowledge.canonical()))
    assert rules.sha256 == RULESET.sha256
    for facts in ALL:
        assert again(assess(facts, RULESET, ON), rules, facts)["matches"]


def test_every_stored_plan_proves_by_the_stored_text_of_its_guidance() -> None:
    kept = from_canonical(GUIDANCE.canonical())
    for body in BODIES:
        document = assess(RULESET.knowledge.vocabulary.flatten(body), RULESET, ON).document
        stored = as_bytes(recommend(document, body, GUIDANCE, ON))
        sent, facts = (orjson.loads(orjson.dumps(one)) for one in (document, body))
        assert compare(stored, as_bytes(recommend(sent, facts, kept, ON)))["matches"]


@pytest.mark.parametrize("service", SERVICES)
def test_everything_but_the_program_is_in_the_stored_text(service: str) -> None:
    """Whatever of the content is left out, the digest is another."""
    content = rule_set(service).knowledge.content()
    assert set(content) == {
        *("ruleset", "rules", "definitions", "bibliography", "other", "external", "vocabulary")
    }
    back = from_canonical(rule_set(service).knowledge.canonical())
    assert back.content() == content


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_said_of_the_tests_is_what_the_tests_say(service: str) -> None:
    assert file_of(service).read_text(encoding="utf-8") == written(service)


def test_each_version_is_recorded_as_it_is() -> None:
    assert list(findings()) == []


def test_a_changed_content_under_an_unchanged_version_is_refused() -> None:
    found = {"sha256": "a", "evaluator": "e", "documents_sha256": "d", "rests_on": None}
    released = found | {"released": "2026-12-01"}
    assert list(faults("1", released, found)) == []
    (fault,) = faults("1", released, found | {"sha256": "b"})
    assert "Give ruleset.toml a new version" in fault
    (fault,) = faults("1", released, found | {"documents_sha256": "x"})
    assert "Raise EVALUATOR" in fault
    (fault,) = faults("1", found | {"released": None}, found | {"sha256": "b"})
    assert "record" in fault
    assert "is new" in next(faults("2", None, found))


def used(knowledge: Knowledge, rests_on: RestsOn, computed: Any) -> set[str]:
    rule = next(iter(knowledge.rules.values()))
    uses = label(knowledge, rule, rests_on, computed)["source_attributes"]["uses"]
    return {name for name, use in uses.items() if use["used"]}


def test_guidance_says_of_the_assessment_at_least_what_the_assessment_uses() -> None:
    computed = computed_from(RULES)
    compiled = RULES.compiled
    flags = frozenset().union(*(compiled.facts_of(flag.rule.id) for flag in RULES.flags))
    rests_on = {
        "assessment_likelihood": computed["likelihood"],
        "assessment_locked": computed["red_flag_stops"],
        "assessment_hold": computed["red_flag_stops"],
        "assessment_withholds": computed["red_flag_stops"] | flags,
        "assessment_screen_complete": computed["screen_complete"],
        "assessment_competitor_found": computed["competitor_found"] | compiled.facts_of("BC-05"),
        "assessed_nodules": computed["likelihood"],
        "block_was_negative": compiled.facts_of("BC-08"),
        "cluneal_entrapment_leads": frozenset().union(
            *(compiled.facts_of(rule.id) for rule in RULES.differentials)
        ),
    }
    through = GUIDANCE.metadata["label"]["through"]
    assert set(through) == set(rests_on)
    for name, facts in rests_on.items():
        attributes = used(RULESET.knowledge, RestsOn([], [], recorded(facts, computed)), computed)
        assert attributes == set(through[name]), name


def test_the_attributes_name_every_finding_of_a_person_in_both_services() -> None:
    attributes = [
        rule_set(service).knowledge.metadata["label"]["attributes"] for service in SERVICES
    ]
    assert attributes[0] == attributes[1]
