"""The rules: which sets ran, what is shown of them, and how each came out."""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable

import orjson
from sqlalchemy import Connection

from chassis import clock
from diagnosis import judge, write
from diagnosis.judge import Ruleset
from diagnosis.models import JUDGEMENTS
from diagnosis.repository import Assessments, Rulesets, StoredAssessment, Wordings
from rules import Knowledge
from rules.catalogue.pages import About, read_tested
from rules.catalogue.serving.judgements import MOST_JUDGED, Counted, Judgements
from rules.catalogue.tally import DecisiveCount
from rules.language.sentences import Sentences


def keep_ruleset(
    connection: Connection, ruleset: Ruleset, sentences: Sentences | None = None
) -> None:
    """Keeps the full text of rules and wording, before anything is assessed with them."""
    at = clock.now_us()
    Rulesets(connection).keep(ruleset.knowledge, judge.EVALUATOR, at)
    Wordings(connection).keep(sentences or write.load_sentences(), at)


def rulesets(connection: Connection) -> Rulesets:
    """Returns every ruleset that ran here."""
    return Rulesets(connection)


def about_rules(ruleset: Ruleset, on: dt.date) -> About:
    """Returns what is shown of the rules beside their text."""
    rules, sentences = ruleset.in_force(on), write.load_sentences()
    return About(
        judge.computed_from(rules),
        read_tested(judge.FOLDER),
        judge.can_decide(rules),
        sentences.text("decisive.definition"),
        sentences.text("imprint.sign_off"),
    )


def how_used(connection: Connection, ruleset: Ruleset, tenant_id: str, rule_id: str) -> Counted:
    """Counts how a rule came out in the clinic's newest assessments, by whichever ruleset."""
    judgements = Judgements(connection, JUDGEMENTS)
    places: dict[str, int] = {}
    for sha256 in judgements.sets(tenant_id):
        names = judge.tallied(ruleset_of(connection, ruleset, sha256).knowledge)
        places |= {sha256: names.index(rule_id)} if rule_id in names else {}
    return judgements.count(tenant_id, places)


def how_decisive(
    connection: Connection, ruleset: Ruleset, tenant_id: str, rule_id: str
) -> DecisiveCount:
    """Judges the clinic's newest assessments again, to count in which a rule was decisive."""
    newest = Assessments(connection).newest(tenant_id)
    sets = {name: ruleset_of(connection, ruleset, name) for name in _digests(newest)}
    verdicts = Counter(
        verdict
        for one in newest
        for verdict in judge.decisive_verdict(
            sets[one.ruleset_sha256].in_force(dt.date.fromisoformat(one.judged_on)),
            orjson.loads(one.facts),
            rule_id,
        )
    )
    return DecisiveCount(len(newest), MOST_JUDGED, verdicts)


def _digests(newest: Iterable[StoredAssessment]) -> set[str]:
    return {one.ruleset_sha256 for one in newest}


def ruleset_of(connection: Connection, ruleset: Ruleset, sha256: str) -> Ruleset:
    """Returns the rule set of a digest; today's is spared the reading."""
    if sha256 == ruleset.sha256:
        return ruleset
    return restored_ruleset(Rulesets(connection).knowledge(sha256))


@functools.lru_cache(maxsize=8)
def restored_ruleset(knowledge: Knowledge) -> Ruleset:
    """Returns a stored rule set, ready to judge with; a few are remembered."""
    return Ruleset(knowledge)
