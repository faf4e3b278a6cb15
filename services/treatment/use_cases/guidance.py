"""Guidance and wording as they are kept, described and counted."""

import datetime as dt

from sqlalchemy import Connection

from chassis import clock
from rules import Knowledge
from rules.catalogue.pages import About, read_tested
from rules.catalogue.serving.judgements import Counted, Judgements
from rules.language.sentences import Sentences
from treatment import judge, write
from treatment.models import JUDGEMENTS
from treatment.repository import GuidanceTexts, Wordings


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
        known = sha256 == guidance.digest
        used = guidance if known else GuidanceTexts(connection).knowledge(sha256)
        names = judge.tallied(used)
        places |= {sha256: names.index(rule_id)} if rule_id in names else {}
    return judgements.count(tenant_id, places)
