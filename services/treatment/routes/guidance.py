"""The routes of guidance: its rules, its versions, and how they came out."""

from typing import Final

from chassis.http import caching, pages, problem_types
from chassis.http.errors import Problem
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from rules.catalogue.pages import use
from rules.catalogue.serving import routes as rule_sets
from treatment import schemas, use_cases
from treatment.routes.plans import Dependencies
from treatment.schemas.catalogue import GuidanceList, GuidanceRule

NO_SUCH_RULE: Final = "There is no rule with this id; `GET /v1/guidance` lists them all."
GUIDANCE: Final = Routes("guidance")

_BOTH: Final = (JSON, TEXT)


@GUIDANCE.route(
    "GET",
    "/v1/guidance",
    scope="knowledge:read",
    query=schemas.GuidanceListQuery(),
    headers=caching.ASKS,
    responses={
        200: ResponseSpec(
            "A page of rules.",
            GuidanceList,
            headers={"Link": "The next page, if any."} | caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_guidance(request: Request, dependencies: Dependencies) -> Response:
    """Lists the rules of guidance in the order of their ids.

    Each with its newest version in short; `GET /v1/guidance/{rule_id}` shows one whole.
    """
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
            GuidanceRule,
            headers=caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
)
def read_guidance(request: Request, dependencies: Dependencies, rule_id: str) -> Response:
    """Shows one rule of guidance whole, with its label.

    Every version in words and as data, what it reads, its sources, its tests, and how it came
    out in the clinic's own cases.
    """
    rule = dependencies.guidance.rule_named(rule_id)
    if rule is None:
        raise Problem(problem_types.NOT_FOUND, NO_SUCH_RULE)
    with dependencies.database.read() as connection:
        asked = (connection, dependencies.guidance, request.tenant_id, rule.id)
        counted, decisive = use_cases.how_used(*asked), use_cases.how_decisive(*asked)
    used = rule_sets.counted(counted) | use(counted.tally, decisive, rule.id, dependencies.about)
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
    """Lists the guidance that ran here, with what changed between its versions, in words.

    The newest first. With `from` and `to` two of them are compared. As
    `text/plain` it reads as a page.
    """
    with dependencies.database.read() as connection:
        return rule_sets.answer(request, use_cases.guidance_versions(connection))
