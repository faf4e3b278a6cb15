"""The route of the vocabulary."""

from typing import Final

from chassis.http.routing import Request, Response, ResponseSpec, Routes
from intake.routes.dependencies import Dependencies
from intake.schemas.vocabulary import VocabularyDocument

KNOWLEDGE: Final = Routes("knowledge")


@KNOWLEDGE.route(
    "GET",
    "/v1/vocabulary",
    scope="knowledge:read",
    responses={
        200: ResponseSpec(
            "Every finding: name, type, unit, values, plausible range, source.",
            VocabularyDocument,
        )
    },
)
def read_vocabulary(_request: Request, dependencies: Dependencies) -> Response:
    """Shows what a case may say, and in which words.

    Section by section, in the order in which they are asked; a form can be made from it.
    """
    return Response(dependencies.vocabulary)
