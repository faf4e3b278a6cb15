"""The routes of assessments and of rules."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson

from chassis import clock
from chassis.http import caching, pages, problem_types
from chassis.http.errors import Problem, ProblemType
from chassis.http.headers import etag
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from chassis.storage.database import Database
from diagnosis import schemas, use_cases
from diagnosis.domain import EVALUATOR, Ruleset, as_text
from diagnosis.repository import StoredAssessment
from diagnosis.routes import examples
from diagnosis.schemas import shapes
from rules.catalogue import proofs
from rules.catalogue.pages import About, use
from rules.catalogue.serving import routes as rule_sets

RETRY_AFTER_S: Final = "1"
NOT_YET: Final = ProblemType(
    "not-yet-assessed",
    404,
    "There is no assessment of this case yet",
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
_TAGGED: Final = {"ETag": "The revision that is assessed."}


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
    "/v1/cases/<case_id>/assessment",
    scope="cases:read",
    query=schemas.AssessmentQuery(),
    produces=_BOTH,
    responses={
        200: ResponseSpec(
            "The assessment, as it was sent to everybody.", shapes.ASSESSMENT, headers=_TAGGED
        )
    },
    problems=(NOT_YET,),
)
def read_assessment(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows the assessment of a case: of a revision, or the newest one that there is."""
    with dependencies.database.read() as connection:
        try:
            stored = use_cases.show_assessment(
                connection, request.tenant_id, case_id, request.query["revision"]
            )
        except use_cases.NotYetAssessed as error:
            raise _not_yet(error.newest) from None
        trees = None
        if request.query["expand"]:
            trees = use_cases.explain_assessment(connection, dependencies.ruleset, stored)
    return _answer(request, stored, trees)


def _not_yet(newest: int | None) -> Problem:
    known = f"The newest revision here is {newest}. " if newest else ""
    return Problem(NOT_YET, known + NOT_YET.advice, headers={"Retry-After": RETRY_AFTER_S})


def _answer(request: Request, stored: StoredAssessment, trees: Any) -> Response:
    headers = {"ETag": etag(stored.revision)}
    if request.accepts == TEXT:
        return Response(as_text(orjson.loads(stored.document)), headers=headers)
    if trees is None:
        return Response(stored.document, headers=headers)
    return Response(orjson.loads(stored.document) | {"explanation": trees}, headers=headers)


@ASSESSMENTS.route(
    "POST",
    "/v1/assessments:evaluate",
    scope="evaluate",
    body=schemas.EVALUATE,
    query=schemas.EvaluateQuery(),
    produces=_BOTH,
    examples={"minimal": examples.EVALUATE},
    responses={200: ResponseSpec("The assessment; nothing is stored.", shapes.ASSESSMENT)},
    problems=(NO_RULES,),
)
def evaluate_case(request: Request, dependencies: Dependencies) -> Response:
    """Assesses a case that is sent along, and forgets it."""
    on = dt.date.fromisoformat(request.body["on"]) if request.body["on"] else clock.today()
    document = use_cases.evaluate(
        dependencies.ruleset,
        schemas.case_facts(request.body, on),
        on,
        explained=bool(request.query["expand"]),
    )
    return Response(as_text(document) if request.accepts == TEXT else document)


@ASSESSMENTS.route(
    "GET",
    "/v1/cases/<case_id>/assessment/proof",
    scope="cases:read",
    query=schemas.ProofQuery(),
    responses={
        200: ResponseSpec(
            "Whether the same facts and rules give the same bytes again.", shapes.PROOF
        )
    },
    problems=(NOT_YET,),
)
def prove_assessment(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Assesses a stored case again by the rules of its day, and compares the bytes."""
    revision = request.query["revision"]
    with dependencies.database.read() as connection:
        try:
            stored = use_cases.show_assessment(connection, request.tenant_id, case_id, revision)
        except use_cases.NotYetAssessed as error:
            raise _not_yet(error.newest) from None
        found = use_cases.prove_assessment(connection, stored)
    head = {"case_id": case_id, "revision": stored.revision, "on": stored.judged_on}
    sha256 = stored.ruleset_sha256
    return Response(head | proofs.view(stored.document, "ruleset", sha256, EVALUATOR, found))


@RULES.route(
    "GET",
    "/v1/rules",
    scope="knowledge:read",
    query=schemas.RuleListQuery(),
    headers=caching.ASKS,
    responses={
        200: ResponseSpec(
            "A page of rules.",
            shapes.RULES,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_rules(request: Request, dependencies: Dependencies) -> Response:
    """Lists the rules in the order of their ids."""
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
            shapes.RULE,
            headers=caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
)
def read_rule(request: Request, dependencies: Dependencies, rule_id: str) -> Response:
    """Shows one rule whole, with its label."""
    rules = schemas.rules_listed(dependencies.ruleset)
    rule = next((rule for rule in rules if rule.id.casefold() == rule_id.casefold()), None)
    if rule is None:
        raise Problem(problem_types.NOT_FOUND, NO_SUCH_RULE)
    with dependencies.database.read() as connection:
        counted = use_cases.how_used(connection, dependencies.ruleset, request.tenant_id, rule.id)
    used = rule_sets.counted(counted) | use(counted.tally, rule.id, dependencies.about)
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
    """Lists the rulesets that ran here, with what changed between them, in words."""
    with dependencies.database.read() as connection:
        return rule_sets.answer(request, use_cases.rulesets(connection))
