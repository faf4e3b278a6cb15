"""The routes of plans: the full document of a revision, its proof, and plans of nothing stored."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import msgspec
import orjson

from chassis import clock
from chassis.http import caching
from chassis.http.errors import Problem, ProblemType
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from chassis.storage.database import Database
from rules import Knowledge
from rules.catalogue import proofs
from rules.catalogue.pages import About
from rules.language.sentences import Sentences
from treatment import schemas, use_cases
from treatment.judge import EVALUATOR
from treatment.repository import StoredPlan
from treatment.routes import examples
from treatment.schemas.catalogue import PlanProof
from treatment.schemas.documents import EvaluatedPlan, PlanDocument
from treatment.write import load_sentences, write_text

RETRY_AFTER_S: Final = "1"
NOT_YET: Final = ProblemType(
    "not-yet-planned",
    404,
    "There is no plan for this revision",
    "Ask again after `Retry-After` seconds; intake shows how far the case has come.",
)
NO_GUIDANCE: Final = ProblemType(
    "no-guidance-in-force",
    422,
    "No guidance was in force on that date",
    "Judge by a date on which guidance was in force; `GET /v1/guidance` shows from when.",
)
COVERS: Final = (
    "Decision and brief are compared byte by byte, each document by the digest of what was served "
    "first. Rules, definitions, lists, sources and vocabulary are taken from the full text stored "
    "under the digest of the guidance, sentences from that of the wording; the order of the "
    "document comes from the program, for which the evaluator's name stands."
)

PLANS: Final = Routes("plans")
EXCEPTIONS: Final[Mapping[type[Exception], ProblemType]] = {use_cases.NoGuidanceThen: NO_GUIDANCE}

_BOTH: Final = (JSON, TEXT)


@dataclass(frozen=True)
class Dependencies:
    """What the routes need.

    Attributes:
        database: The service's own.
        guidance: All guidance of all dates.
        sentences: The wording of this program.
    """

    database: Database
    guidance: Knowledge
    sentences: Sentences = field(default_factory=load_sentences)

    @cached_property
    def about(self) -> About:
        """Read when a rule is first asked for."""
        return use_cases.about_guidance(self.guidance, clock.today())


@PLANS.route(
    "GET",
    "/v1/cases/<case_id>/revisions/<int:revision>/plan",
    scope="cases:read",
    query=schemas.PlanQuery(),
    headers=caching.ASKS,
    produces=_BOTH,
    responses={
        200: ResponseSpec(
            "The full plan of one revision, in the words of its day; it never changes.",
            PlanDocument,
            headers=caching.TAG,
        ),
        304: caching.NOT_MODIFIED,
    },
    problems=(NOT_YET,),
)
def read_plan_document(
    request: Request, dependencies: Dependencies, case_id: str, revision: int
) -> Response:
    """Shows the full plan of one revision, by the guidance and the wording of its day.

    It is written when it is asked for and never changes, so keep it. As `text/plain` it reads as a
    page. While the revision is on its way the answer is 404 `not-yet-planned` with `Retry-After`.
    """
    representation = _representation(request)
    with dependencies.database.read() as connection:
        stored = _stored(connection, request, case_id, revision)
        served = use_cases.served_digest(connection, stored, representation)
    if served is None:
        content = _written(dependencies, stored, representation)
        with dependencies.database.write() as connection:
            use_cases.keep_served(connection, stored, representation, content)
        served = hashlib.sha256(content).hexdigest()
    return caching.tagged(
        request,
        lambda: Response(
            _written(dependencies, stored, representation),
            media_type=TEXT if representation == use_cases.TEXT else JSON,
        ),
        served,
        immutable=True,
    )


def _written(dependencies: Dependencies, stored: StoredPlan, representation: str) -> bytes:
    with dependencies.database.read() as connection:
        return use_cases.write_plan(connection, dependencies.guidance, stored, representation)


def _representation(request: Request) -> str:
    if request.accepts == TEXT:
        return use_cases.TEXT
    return use_cases.EXPLAINED if request.query["expand"] else use_cases.JSON


def _stored(connection: Any, request: Request, case_id: str, revision: int) -> StoredPlan:
    try:
        return use_cases.show_plan(connection, request.tenant_id, case_id, revision)
    except use_cases.NotYetPlanned:
        raise Problem(NOT_YET, headers={"Retry-After": RETRY_AFTER_S}) from None


@PLANS.route(
    "GET",
    "/v1/cases/<case_id>/revisions/<int:revision>/plan/proof",
    scope="cases:read",
    responses={
        200: ResponseSpec(
            "Whether the same facts, guidance and wording give the same bytes again.", PlanProof
        )
    },
    problems=(NOT_YET,),
)
def prove_plan(
    request: Request, dependencies: Dependencies, case_id: str, revision: int
) -> Response:
    """Plans a stored case again by the guidance and the wording of its day, and compares.

    It says whether the bytes of decision and screen, and of what was served of the document, are
    the same, and if not, where they differ first.
    """
    with dependencies.database.read() as connection:
        stored = _stored(connection, request, case_id, revision)
        found = use_cases.prove_plan(connection, stored)
    head = {"case_id": case_id, "revision": stored.revision, "on": stored.judged_on}
    sha256 = stored.guidance_sha256
    proof = proofs.view(stored.decision, "guidance", sha256, EVALUATOR, found)
    words = {
        "wording_sha256": stored.wording_sha256,
        "covers": load_sentences().text("proof.covers"),
    }
    return Response(head | proof | words)


@PLANS.route(
    "POST",
    "/v1/plans:evaluate",
    scope="evaluate",
    body=schemas.EVALUATE,
    query=schemas.EvaluateQuery(),
    produces=_BOTH,
    examples={"minimal": examples.EVALUATE},
    responses={200: ResponseSpec("The plan; nothing is stored.", EvaluatedPlan)},
    problems=(NO_GUIDANCE,),
)
def evaluate_plan(request: Request, dependencies: Dependencies) -> Response:
    """Makes a plan for a case and its assessment, both sent along, and forgets them.

    Send what `POST /v1/cases:prepare` answered, and as `assessment` what
    `POST /v1/assessments:evaluate` made of it. The decision and the screen come back; the full
    document with `expand=document`, the reasoning too with `expand=explanation`.
    """
    on = dt.date.fromisoformat(request.body["on"]) if request.body["on"] else clock.today()
    guidance, sentences = dependencies.guidance, dependencies.sentences
    assessment = schemas.assessment(request.body)
    facts = schemas.case_facts(request.body, on)
    case = use_cases.case_of(guidance, assessment.decision, facts, on)
    assessed = assessment.brief
    evaluated = use_cases.evaluate(guidance, sentences, case, assessed)
    expand = request.query["expand"]
    if not expand and request.accepts != TEXT:
        return Response(_evaluated(evaluated))
    plan = use_cases.evaluated_document(guidance, sentences, evaluated, assessed)
    if request.accepts == TEXT:
        return Response(write_text(plan, sentences))
    more: dict[str, Any] = {"document": plan}
    if expand == "explanation":
        more["explanation"] = use_cases.evaluated_explanation(guidance, evaluated)
    return Response(_evaluated(evaluated, more))


def _evaluated(evaluated: use_cases.Evaluated, more: Mapping[str, Any] | None = None) -> bytes:
    content = {
        "decision": orjson.Fragment(msgspec.json.encode(evaluated.decision)),
        "brief": orjson.Fragment(msgspec.json.encode(evaluated.brief)),
    }
    return orjson.dumps(content | dict(more or {}))
