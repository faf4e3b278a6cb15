"""The routes of assessments and of rules."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from chassis import clock
from chassis.http import caching, pages, problem_types
from chassis.http.errors import Problem, ProblemType
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from chassis.storage.database import Database
from diagnosis import schemas, use_cases
from diagnosis.judge import EVALUATOR, Ruleset
from diagnosis.repository import StoredAssessment
from diagnosis.routes import examples
from diagnosis.schemas.catalogue import AssessmentProof, Rule, RuleList
from diagnosis.schemas.documents import AssessmentDocument, EvaluatedAssessment
from diagnosis.use_cases.writing import EXPLAINED, digest
from diagnosis.use_cases.writing import JSON as AS_JSON
from diagnosis.use_cases.writing import TEXT as AS_TEXT
from diagnosis.write import load_sentences, text
from rules.catalogue import proofs
from rules.catalogue.pages import About, use
from rules.catalogue.serving import routes as rule_sets

RETRY_AFTER_S: Final = "1"
NOT_YET: Final = ProblemType(
    "not-yet-assessed",
    404,
    "There is no assessment of this revision yet",
    "Ask again after `Retry-After` seconds. If it stays away, look at the progress of the case.",
)
NO_RULES: Final = ProblemType(
    "no-rules-in-force",
    422,
    "No rule was in force on that date",
    "Judge by a date on which rules were in force; `GET /v1/rules` shows from when.",
)

NO_SUCH_RULE: Final = "There is no rule with this id; `GET /v1/rules` lists them all."

ASSESSMENTS: Final = Routes("assessments")
RULES: Final = Routes("rules")
ROUTES: Final = (ASSESSMENTS, RULES)
EXCEPTIONS: Final[Mapping[type[Exception], ProblemType]] = {use_cases.NoRulesThen: NO_RULES}

_BOTH: Final = (JSON, TEXT)


@dataclass(frozen=True)
class Dependencies:
    """What the routes need.

    Attributes:
        database: The service's own.
        ruleset: All rules of all dates.
    """

    database: Database
    ruleset: Ruleset

    @cached_property
    def about(self) -> About:
        """Read when a rule is first asked for."""
        return use_cases.about_rules(self.ruleset, clock.today())


@ASSESSMENTS.route(
    "GET",
    "/v1/cases/<case_id>/revisions/<int:revision>/assessment",
    scope="cases:read",
    query=schemas.AssessmentQuery(),
    headers=caching.ASKS,
    produces=_BOTH,
    responses={
        200: ResponseSpec(
            "The full assessment of a revision; it never changes.",
            AssessmentDocument,
            headers=caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(NOT_YET,),
)
def read_assessment_document(
    request: Request, dependencies: Dependencies, case_id: str, revision: int
) -> Response:
    """Shows the full assessment of one revision, by the rules and the wording of its day.

    It is written when it is asked for and never changes, so keep it. As `text/plain` it reads as a
    page. While the revision is on its way the answer is 404 `not-yet-assessed` with `Retry-After`.
    """
    representation = EXPLAINED if request.query["expand"] else AS_JSON
    representation = AS_TEXT if request.accepts == TEXT else representation
    with dependencies.database.read() as connection:
        stored = _stored(connection, request, case_id, revision)
        document = use_cases.full_assessment(
            connection, dependencies.ruleset, stored, representation
        )
        known = use_cases.was_served(connection, stored, representation)
    if not known:
        with dependencies.database.write() as connection:
            use_cases.note_served(connection, stored, representation, document)
    answer = Response(document, media_type=TEXT if representation == AS_TEXT else JSON)
    return caching.tagged(request, answer, digest(document), immutable=True)


def _stored(
    connection: Connection, request: Request, case_id: str, revision: int
) -> StoredAssessment:
    try:
        return use_cases.show_assessment(connection, request.tenant_id, case_id, revision)
    except use_cases.NotYetAssessed as error:
        known = f"The newest revision here is {error.newest}. " if error.newest else ""
        detail = known + NOT_YET.advice
        raise Problem(NOT_YET, detail, headers={"Retry-After": RETRY_AFTER_S}) from None


@ASSESSMENTS.route(
    "POST",
    "/v1/assessments:evaluate",
    scope="evaluate",
    body=schemas.EVALUATE,
    query=schemas.EvaluateQuery(),
    produces=_BOTH,
    examples={"minimal": examples.EVALUATE},
    responses={200: ResponseSpec("Decision and brief; nothing is stored.", EvaluatedAssessment)},
    problems=(NO_RULES,),
)
def evaluate_case(request: Request, dependencies: Dependencies) -> Response:
    """Assesses a case that is sent along, and forgets it.

    Send what `POST /v1/cases:prepare` answered. The decision and the screen come back; the full
    document with `expand=document`, the reasoning too with `expand=explanation`. Send the answer on
    to `POST /v1/plans:evaluate`, as its `assessment`.
    """
    on = dt.date.fromisoformat(request.body["on"]) if request.body["on"] else clock.today()
    facts = schemas.case_facts(request.body, on)
    if request.accepts != TEXT:
        return Response(
            use_cases.evaluate(dependencies.ruleset, facts, on, request.query["expand"])
        )
    answer = use_cases.evaluate(dependencies.ruleset, facts, on, "document")
    return Response(text(answer["document"], load_sentences()))


@ASSESSMENTS.route(
    "GET",
    "/v1/cases/<case_id>/revisions/<int:revision>/assessment/proof",
    scope="cases:read",
    responses={
        200: ResponseSpec(
            "Whether the same facts, rules and wording give the same bytes again.", AssessmentProof
        )
    },
    problems=(NOT_YET,),
)
def prove_assessment(
    request: Request, dependencies: Dependencies, case_id: str, revision: int
) -> Response:
    """Assesses and writes a revision again by the rules and words of its day, and compares.

    It says whether the bytes of the decision, of the screen and of what was served of the document
    are the same, and if not, where they differ first.
    """
    with dependencies.database.read() as connection:
        stored = _stored(connection, request, case_id, revision)
        found = use_cases.prove_assessment(connection, stored)
    head = {"case_id": case_id, "revision": stored.revision, "on": stored.judged_on}
    sha256 = stored.ruleset_sha256
    covers = {"covers": load_sentences().text("proof.covers")}
    shown = proofs.view(stored.decision, "ruleset", sha256, EVALUATOR, found)
    return Response(head | shown | covers)


@RULES.route(
    "GET",
    "/v1/rules",
    scope="knowledge:read",
    query=schemas.RuleListQuery(),
    headers=caching.ASKS,
    responses={
        200: ResponseSpec(
            "A page of rules.",
            RuleList,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_rules(request: Request, dependencies: Dependencies) -> Response:
    """Lists the rules in the order of their ids.

    Each with its newest version in short; `GET /v1/rules/{rule_id}` shows one whole.
    """
    limit, cursor = request.query["limit"], request.query["cursor"]
    after = pages.position(cursor, str)[0] if cursor else ""
    rules = [rule for rule in schemas.rules_listed(dependencies.ruleset) if rule.id > after]
    following = pages.cursor(rules[limit - 1].id) if len(rules) > limit else None
    listed = [schemas.rule_summary(rule) for rule in rules[:limit]]
    ruleset = {"version": dependencies.ruleset.version, "sha256": dependencies.ruleset.sha256}
    body = {"ruleset": ruleset, "rules": listed}
    return caching.revalidated(request, Response(body, headers=pages.links(request, following)))


@RULES.route(
    "GET",
    "/v1/rules/<rule_id>",
    scope="knowledge:read",
    headers=caching.ASKS,
    responses={
        200: ResponseSpec(
            "The rule in words and as data, its sources in full, its label, its tests, and how it "
            "came out in the clinic's own cases.",
            Rule,
            headers=caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
)
def read_rule(request: Request, dependencies: Dependencies, rule_id: str) -> Response:
    """Shows one rule whole, with its label.

    Every version in words and as data, what it reads, its sources, its tests, and how it came
    out in the clinic's own cases.
    """
    rules = schemas.rules_listed(dependencies.ruleset)
    rule = next((rule for rule in rules if rule.id.casefold() == rule_id.casefold()), None)
    if rule is None:
        raise Problem(problem_types.NOT_FOUND, NO_SUCH_RULE)
    with dependencies.database.read() as connection:
        asked = (connection, dependencies.ruleset, request.tenant_id, rule.id)
        counted, decisive = use_cases.how_used(*asked), use_cases.how_decisive(*asked)
    used = rule_sets.counted(counted) | use(counted.tally, decisive, rule.id, dependencies.about)
    view = schemas.rule_view(dependencies.ruleset, rule, dependencies.about)
    return caching.revalidated(request, Response(view | {"use": used}))


@RULES.route(
    "GET",
    "/v1/rulesets",
    scope="knowledge:read",
    query=rule_sets.SetsQuery(),
    headers=caching.ASKS,
    produces=_BOTH,
    responses={
        200: ResponseSpec(
            "Every ruleset that ran here, the newest first, each with what changed since the one "
            "before; or, with `from` and `to`, these two.",
            rule_sets.SETS,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR, rule_sets.UNKNOWN_SET),
)
def list_rulesets(request: Request, dependencies: Dependencies) -> Response:
    """Lists the rulesets that ran here, with what changed between them, in words.

    The newest first. With `from` and `to` two of them are compared. As
    `text/plain` it reads as a page.
    """
    with dependencies.database.read() as connection:
        return rule_sets.answer(request, use_cases.rulesets(connection))
