"""What rules.md section 5 and the safety rules promise, each as a function of one case.

Each property says why a case breaks it, "" if the case keeps it, or None if the case does not come
under it: a property that no case comes under proves nothing.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

from tests.knowledge.properties.changes import (
    ACTS_WHEN_RECORDED,
    COMPETITORS,
    MAY_ADD_AN_OFFER,
    WITHDRAWAL,
    harmful,
    poorer,
    shuffled,
)
from tests.knowledge.properties.contraindications import forbidden, unanswered
from tests.knowledge.properties.services import (
    GUIDANCE,
    RULES,
    Decided,
    Services,
    read_by_treatment,
)
from tests.support.assessed import brief_of, decision_of

from diagnosis.judge.ruleset import CATEGORY_LOCKED, NOT_ASSESSABLE
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import VERDICT
from rules.language.nodes import Leaf, Use, refs, walk
from treatment.write import load_sentences
from treatment.write.reasons import Writing
from treatment.write.treatments import block_item

Facts = dict[str, Any]
Reason = str | None
Property = Callable[[Services, Facts, Decided, random.Random], Reason]

COUNT = (
    "nodule_count"  # without it a list is the whole statement (contracts 3), so it is no silence
)
ON_THE_NODULE = {"injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy"}
PROPERTIES: dict[str, Property] = {}


def _firm() -> dict[str, list[tuple[str, str]]]:
    """Map each fact to what rests on it without ever asking whether it is known."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, name in RULES.compiled.units:
        facts_of = RULES.compiled.facts_of if kind == "rule" else RULES.compiled.facts_of_definition
        for fact in facts_of(name) - _asked_whether_known((kind, name)):
            if fact in RULES.vocabulary.facts and fact != COUNT:
                found.setdefault(fact, []).append((kind, name))
    return found


def _asked_whether_known(key: tuple[str, str]) -> set[str]:
    found = set()
    for node in walk(RULES.compiled.units[key][1]):
        if isinstance(node, Use) and node.kind != "external":
            found |= _asked_whether_known(node.unit)
        elif isinstance(node, Leaf) and node.comparison == "known":
            found |= {ref.full_name for ref in refs(node)}
    return found


FIRM = _firm()


def a_property(function: Property) -> Property:
    PROPERTIES[function.__name__] = function
    return function


def _broken(when: Any, why: str) -> str:
    return why if when else ""


def _contradictory(decided: Decided) -> bool:
    return decided.assessed.evaluation.definition(RULES.roles.contradiction) is True


@a_property
def a_lock_stops_every_treatment(_s: Services, _f: Facts, decided: Decided, _c: Any) -> Reason:
    locks = decided.flags("lock")
    if not locks:
        return None
    open_ = {code for code, status in decided.statuses.items() if status != "blocked"}
    return _broken(open_, f"{locks} lock, and {open_} are not blocked")


@a_property
def a_hold_stops_what_is_applied_to_a_nodule(
    _s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    if not decided.flags("hold"):
        return None
    return _broken(decided.offers, f"{decided.flags('hold')} hold, {decided.offers} are offered")


@a_property
def an_open_screen_stops_what_is_applied_to_a_nodule(
    _s: Services, facts: Facts, decided: Decided, _c: Any
) -> Reason:
    states = [item.state for item in decided.assessed.screen.items]
    answered = all(state in {"negative", "positive"} for state in states)
    if answered and "age_years" in facts:
        return None
    return _broken(decided.offers & ON_THE_NODULE, f"{decided.offers} are offered")


@a_property
def without_a_nodule_nothing_is_applied_to_one(
    _s: Services, facts: Facts, decided: Decided, _c: Any
) -> Reason:
    if facts.get("nodules") or facts.get("nodule_present") in {"definite", "doubtful"}:
        return None
    return _broken(decided.offers & ON_THE_NODULE, f"{decided.offers} are offered")


@a_property
def a_contraindication_forbids(_s: Services, facts: Facts, decided: Decided, _c: Any) -> Reason:
    wrong = forbidden(facts)
    if not wrong:
        return None
    return _broken(decided.offers & wrong, f"{decided.offers & wrong} are offered")


@a_property
def an_unanswered_contraindication_withholds(
    _s: Services, facts: Facts, decided: Decided, _c: Any
) -> Reason:
    wrong = unanswered(facts)
    if not wrong:
        return None
    return _broken(decided.offers & wrong, f"{decided.offers & wrong} are offered")


@a_property
def a_contraindication_verdict_decides(
    _s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    """Each rule says itself whether it is true, false or unknown; only false lets a needle in."""
    stood = False
    for modality in decided.planned.guidance.modalities:
        words = {
            decided.planned.contraindication(r, modality.code) for r in modality.contraindications
        }
        stood = stood or bool(words & {"found", "unknown_ask", "not_assessed"})
        if modality.code in decided.offers and words & {"found", "unknown_ask", "not_assessed"}:
            return f"{modality.code} is offered beside {sorted(words)}"
    return "" if stood else None


@a_property
def an_unanswered_contraindication_is_asked(
    _s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    judgement, asked = decided.planned, False
    for modality in judgement.guidance.modalities:
        for rule in modality.contraindications:
            if judgement.verdict(rule) is None and not (judgement.locked or judgement.held):
                asked = True
                word = judgement.contraindication(rule, modality.code)
                effect = judgement.guidance.effects.get((rule, modality.code))
                settled = (
                    effect and effect.condition and judgement.verdict(effect.condition) is not None
                )
                if word != "unknown_ask" and not settled:
                    return f"{rule} is unknown and {word} for {modality.code}"
    return "" if asked else None


@a_property
def there_is_one_likelihood_and_one_category(
    s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    found = decided.assessed.likelihood
    expected = CATEGORY_LOCKED if decided.flags("lock") else found.answer
    order = s.rules.order
    wrong = decided.assessed.category != expected or found.answer not in {*order, NOT_ASSESSABLE}
    if len(found.possible) == 1:
        wrong = wrong or found.answer != found.possible[0]
    else:
        enough = order.index(found.possible[-1]) <= order.index("POSSIBLE")
        wrong = wrong or found.answer != (found.possible[-1] if enough else NOT_ASSESSABLE)
    return _broken(wrong, f"{decided.assessed.category}, {found.answer} of {found.possible}")


@a_property
def another_red_flag_never_shortens_the_warnings(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    name, value = harmful(facts, chance)
    richer = s.decide({**facts, name: value})
    if (name in facts and facts[name] == value) or _contradictory(richer):
        return None
    lost = decided.warnings - richer.warnings | decided.flags("lock") - richer.flags("lock")
    answered = name in facts  # an answer, even a bad one, may be the last that was waited for
    gained = richer.offers - decided.offers if answered else set()
    return _broken(lost or gained, f"with {name} = {value}: lost {lost}, newly offered {gained}")


@a_property
def less_information_is_never_more_certain(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    path, less = poorer(facts, chance)
    if less is None or _contradictory(decided):
        return None
    field = path.rpartition(".")[2] if "]" in path else path
    if field in ACTS_WHEN_RECORDED or path.partition("[")[0] in ACTS_WHEN_RECORDED:
        return None
    after, before = s.decide(less).possible, decided.possible
    competing = path in COMPETITORS
    narrower = after < before if competing else not before <= after
    settles = len(before) > 1 and len(after) == 1
    return _broken(narrower or settles, f"without {path}: {sorted(before)} became {sorted(after)}")


@a_property
def less_information_never_adds_an_offer(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    path, less = poorer(facts, chance)
    named = path in MAY_ADD_AN_OFFER or path.endswith(WITHDRAWAL)
    if less is None or named or _contradictory(decided):
        return None
    gained = s.decide(less).offers - decided.offers
    return _broken(gained, f"without {path} {gained} are offered")


@a_property
def order_changes_nothing(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    other = s.decide(shuffled(facts, chance))
    several = any(isinstance(value, list) and len(value) > 1 for value in facts.values())
    broken = _broken(other.all() != decided.all(), "in another order it is judged otherwise")
    return broken or ("" if several else None)


@a_property
def unknown_is_not_false(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    """What is decided while a fact is unknown comes out the same, whatever the fact turns out."""
    rules, evaluation = s.rules.compiled, decided.assessed.evaluation
    unknown = [name for name in FIRM if name not in evaluation.facts]
    if not unknown:
        return None
    name = chance.choice(unknown)
    for value in rules.completions(name, evaluation.facts):
        other = rules.with_fact(evaluation, name, value)
        for key in FIRM[name]:
            before, then = evaluation.of(key), other.of(key)
            if before is not None and then is not before:
                return f"{key} was {before} without {name}, and is {then} with {value}"
    return ""


@a_property
def the_same_case_is_judged_the_same(
    s: Services, facts: Facts, decided: Decided, _c: Any
) -> Reason:
    again = s.decide(copy.deepcopy(facts))
    return _broken(again.all() != decided.all(), "it is judged otherwise the second time")


@a_property
def the_engine_agrees_with_the_interpreter(
    s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    """The generated code says of every rule and definition what walking its tree says."""
    for sound, found in (
        (RULES.compiled, decided.assessed.evaluation),
        (GUIDANCE.compiled, decided.planned.evaluation),
    ):
        judge = Interpreter(sound.units, sound.vocabulary, found.facts, found.external)
        for key, (over, _) in sound.units.items():
            elements = range(len(judge.elements(over))) if over else ()
            for at in (None, *elements):
                if VERDICT[judge.unit(key, at)] is not found.of(key, at):
                    return f"{key}, element {at}: {found.of(key, at)} is not what the tree says"
    return ""


@a_property
def a_block_that_is_not_released_says_why(
    s: Services, _f: Facts, decided: Decided, _c: Any
) -> Reason:
    if decided.flags("lock") or decided.flags("hold"):
        return None
    document = read_by_treatment(s.rules, decided.assessed)
    try:
        writing = Writing(
            decided.planned, decision_of(document), brief_of(document), load_sentences()
        )
        sentences = [reason["sentence"] for reason in block_item(writing)["because"]]
    except KeyError as error:  # a part of the rule that has no name
        return f"nothing can be said of {error}"
    return _broken(not sentences or not all(sentences), f"it says {sentences}")


@a_property
def judging_again_is_judging_afresh(
    s: Services, facts: Facts, decided: Decided, chance: random.Random
) -> Reason:
    """One finding more, judged only as far as it reaches, leaves nothing stale."""
    evaluation = decided.assessed.evaluation
    paths = [name for name in FIRM if name not in evaluation.facts]
    for owner in ("nodules", "investigations", "blocks"):
        fields = RULES.vocabulary.list(owner).fields
        for at, element in enumerate(evaluation.facts.get(owner, ())):
            paths += [f"{owner}[{at}].{name}" for name in fields if name not in element] * 5
    values = (
        RULES.compiled.completions(path, evaluation.facts) if (path := _one(paths, chance)) else []
    )
    for value in values:
        again = s.rules.compiled.with_fact(evaluation, path, value)
        if again.state != s.rules.compiled.evaluate(again.facts).state:
            return f"with {path} = {value} something is stale"
    return "" if values else None


def _one(paths: list[str], chance: random.Random) -> str:
    return chance.choice(paths) if paths else ""
