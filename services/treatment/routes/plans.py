"""The routes of plans and of guidance."""

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
from rules import Knowledge
from rules.catalogue import proofs
from rules.catalogue.pages import About, use
from rules.catalogue.serving import routes as rule_sets
from treatment import schemas, use_cases
from treatment.domain import EVALUATOR, as_text
from treatment.repository import StoredPlan
from treatment.routes import examples
from treatment.schemas import shapes

RETRY_AFTER_S: Final = "1"
NOT_YET: Final = ProblemType(
    "not-yet-planned",
    404,
    "There is no plan for this case yet",
    "Ask again after `Retry-After` seconds; intake shows how far the case has come.",
)
NO_GUIDANCE: Final = ProblemType(
    "no-guidance-in-force",
    422,
    "No guidance was in force on that date",
    "Judge by a date on which guidance was in force; `GET /v1/guidance` shows from when.",
)

NO_SUCH_RULE: Final = "There is no rule with this id; `GET /v1/guidance` lists them all."

PLANS: Final = Routes("plans")
GUIDANCE: Final = Routes("guidance")
ROUTES: Final = (PLANS, GUIDANCE)
EXCEPTIONS: Final[Mapping[type[Exception], ProblemType]] = {use_cases.NoGuidanceThen: NO_GUIDANCE}

_BOTH: Final = (JSON, TEXT)
_TAGGED: Final = {"ETag": "The revision that the plan is for."}


@dataclass(frozen=True)
class Dependencies:
    """What the routes need.

    Attributes:
        database: The service's own.
        guidance: All guidance of all dates.
    """

    database: Database
    guidance: Knowledge

    @cached_property
    def about(self) -> About:
        """Read when a rule is first asked for."""
        return use_cases.about_guidance(self.guidance, clock.today())


@PLANS.route(
    "GET",
    "/v1/cases/<case_id>/plan",
    scope="cases:read",
    query=schemas.PlanQuery(),
    produces=_BOTH,
    responses={
        200: ResponseSpec("The plan, as it was sent to everybody.", shapes.PLAN, headers=_TAGGED)
    },
    problems=(NOT_YET,),
)
def read_plan(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows the plan of a case: of a revision, or the newest one that there is."""
    with dependencies.database.read() as connection:
        try:
            stored = use_cases.show_plan(
                connection, request.tenant_id, case_id, request.query["revision"]
            )
        except use_cases.NotYetPlanned as error:
            raise _not_yet(error.newest) from None
        trees = None
        if request.query["expand"]:
            trees = use_cases.explain_plan(connection, dependencies.guidance, stored)
    return _answer(request, stored, trees)


def _not_yet(newest: int | None) -> Problem:
    known = f"The newest revision here is {newest}. " if newest else ""
    return Problem(NOT_YET, known + NOT_YET.advice, headers={"Retry-After": RETRY_AFTER_S})


def _answer(request: Request, stored: StoredPlan, trees: Any) -> Response:
    headers = {"ETag": etag(stored.revision)}
    if request.accepts == TEXT:
        return Response(as_text(orjson.loads(stored.document)), headers=headers)
    if trees is None:
        return Response(stored.document, headers=headers)
    return Response(orjson.loads(stored.document) | {"explanation": trees}, headers=headers)


@PLANS.route(
    "POST",
    "/v1/plans:evaluate",
    scope="evaluate",
    body=schemas.EVALUATE,
    query=schemas.EvaluateQuery(),
    produces=_BOTH,
    examples={"minimal": examples.EVALUATE},
    responses={200: ResponseSpec("The plan; nothing is stored.", shapes.PLAN)},
    problems=(NO_GUIDANCE,),
)
def evaluate_plan(request: Request, dependencies: Dependencies) -> Response:
    """Makes a plan for a case and its assessment, both sent along, and forgets them."""
    on = dt.date.fromisoformat(request.body["on"]) if request.body["on"] else clock.today()
    plan = use_cases.evaluate(
        dependencies.guidance,
        request.body["assessment"],
        schemas.case_facts(request.body, on),
        on,
        explained=bool(request.query["expand"]),
    )
    return Response(as_text(plan) if request.accepts == TEXT else plan)


@PLANS.route(
    "GET",
    "/v1/cases/<case_id>/plan/proof",
    scope="cases:read",
    query=schemas.ProofQuery(),
    responses={
        200: ResponseSpec(
            "Whether the same facts and guidance give the same bytes again.", shapes.PROOF
        )
    },
    problems=(NOT_YET,),
)
def prove_plan(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Plans a stored case again by the guidance of its day, and compares the bytes."""
    revision = request.query["revision"]
    with dependencies.database.read() as connection:
        try:
            stored = use_cases.show_plan(connection, request.tenant_id, case_id, revision)
        except use_cases.NotYetPlanned as error:
            raise _not_yet(error.newest) from None
        found = use_cases.prove_plan(connection, stored)
    head = {"case_id": case_id, "revision": stored.revision, "on": stored.judged_on}
    sha256 = stored.guidance_sha256
    return Response(head | proofs.view(stored.document, "guidance", sha256, EVALUATOR, found))


@GUIDANCE.route(
    "GET",
    "/v1/guidance",
    scope="knowledge:read",
    query=schemas.GuidanceListQuery(),
    headers=caching.ASKS,
    responses={
        200: ResponseSpec(
            "A page of rules.",
            shapes.GUIDANCE,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_guidance(request: Request, dependencies: Dependencies) -> Response:
    """Lists the rules of guidance in the order of their ids."""
    limit, cursor = request.query["limit"], request.query["cursor"]
    after = pages.position(cursor, str)[0] if cursor else ""
    rules = [rule for name, rule in sorted(dependencies.guidance.rules.items()) if name > after]
    following = pages.cursor(rules[limit - 1].id) if len(rules) > limit else None
    listed = [schemas.guidance_summary(rule) for rule in rules[:limit]]
    guidance = {"version": dependencies.guidance.version, "sha256": dependencies.guidance.digest}
    body = {"guidance": guidance, "rules": listed}
    return caching.revalidated(request, Response(body, headers=pages.links(request, following)))


@GUIDANCE.route(
    "GET",
    "/v1/guidance/<rule_id>",
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
def read_guidance(request: Request, dependencies: Dependencies, rule_id: str) -> Response:
    """Shows one rule of guidance whole, with its label."""
    rule = dependencies.guidance.rule_named(rule_id)
    if rule is None:
        raise Problem(problem_types.NOT_FOUND, NO_SUCH_RULE)
    with dependencies.database.read() as connection:
        counted = use_cases.how_used(connection, dependencies.guidance, request.tenant_id, rule.id)
    used = rule_sets.counted(counted) | use(counted.tally, rule.id, dependencies.about)
    view = schemas.guidance_view(dependencies.guidance, rule, dependencies.about)
    return caching.revalidated(request, Response(view | {"use": used}))


@GUIDANCE.route(
    "GET",
    "/v1/guidance/versions",
    scope="knowledge:read",
    query=rule_sets.SetsQuery(),
    headers=caching.ASKS,
    produces=_BOTH,
    responses={
        200: ResponseSpec(
            "All guidance that ran here, the newest first, each with what changed since the one "
            "before; or, with `from` and `to`, these two.",
            rule_sets.SETS,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR, rule_sets.UNKNOWN_SET),
)
def list_versions(request: Request, dependencies: Dependencies) -> Response:
    """Lists the guidance that ran here, with what changed between its versions, in words."""
    with dependencies.database.read() as connection:
        return rule_sets.answer(request, use_cases.guidance_versions(connection))
