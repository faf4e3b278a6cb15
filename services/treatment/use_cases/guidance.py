"""Guidance and wording as they are kept, described and counted."""

import datetime as dt
from collections import Counter

from sqlalchemy import Connection

from chassis import clock
from rules import Knowledge
from rules.catalogue.pages import About, read_tested
from rules.catalogue.serving.judgements import MOST_JUDGED, Counted, Judgements
from rules.catalogue.tally import DecisiveCount
from rules.engine.kleene import Verdict
from rules.language.sentences import Sentences
from treatment import judge, write
from treatment.models import JUDGEMENTS
from treatment.repository import GuidanceTexts, Plans, Wordings
from treatment.use_cases.documents import stored_case


def keep_guidance(
    connection: Connection, guidance: Knowledge, sentences: Sentences | None = None
) -> None:
    """Keeps the full text of guidance and wording, before any plan is made with them."""
    at = clock.now_us()
    GuidanceTexts(connection).keep(guidance, judge.EVALUATOR, at)
    Wordings(connection).keep(sentences or write.load_sentences(), at)


def guidance_versions(connection: Connection) -> GuidanceTexts:
    """Returns all guidance that ran here."""
    return GuidanceTexts(connection)


def about_guidance(guidance: Knowledge, on: dt.date) -> About:
    """Returns what is said of the rules beside their text."""
    can_decide = judge.can_decide(judge.in_force(guidance, on))
    tested = read_tested(judge.FOLDER)
    sentences = write.load_sentences()
    return About(
        judge.computed_from(guidance),
        tested,
        can_decide,
        sentences.text("imprint.decisive"),
        sentences.text("imprint.sign_off"),
    )


def how_used(connection: Connection, guidance: Knowledge, tenant_id: str, rule_id: str) -> Counted:
    """Counts how a rule came out in the clinic's newest plans, by whichever guidance."""
    judgements = Judgements(connection, JUDGEMENTS)
    places: dict[str, int] = {}
    for sha256 in judgements.sets(tenant_id):
        names = judge.tallied(guidance_of(connection, guidance, sha256))
        places |= {sha256: names.index(rule_id)} if rule_id in names else {}
    return judgements.count(tenant_id, places)


def how_decisive(
    connection: Connection, guidance: Knowledge, tenant_id: str, rule_id: str
) -> DecisiveCount:
    """Judges the clinic's newest plans again, to count in which a rule was decisive."""
    newest = Plans(connection).newest(tenant_id)
    digests = {one.guidance_sha256 for one in newest}
    texts = {name: guidance_of(connection, guidance, name) for name in digests}
    verdicts: Counter[Verdict] = Counter()
    for one in newest:
        used = texts[one.guidance_sha256]
        in_force = judge.in_force(used, dt.date.fromisoformat(one.judged_on))
        if rule_id in judge.can_decide(in_force):
            verdicts.update(judge.decisive_verdict(stored_case(one, used), in_force, rule_id))
    return DecisiveCount(len(newest), MOST_JUDGED, verdicts)


def guidance_of(connection: Connection, guidance: Knowledge, sha256: str) -> Knowledge:
    """Returns the guidance of a digest; today's is spared the reading."""
    known = sha256 == guidance.digest
    return guidance if known else GuidanceTexts(connection).knowledge(sha256)
