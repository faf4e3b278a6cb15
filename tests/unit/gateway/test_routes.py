"""Each path has one service; probes, figures and strangers have none."""

import pytest

from gateway.routes import service_for


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/cases", "intake"),
        ("/v1/cases/1", "intake"),
        ("/v1/cases/1/revisions", "intake"),
        ("/v1/cases/1/follow-ups", "intake"),
        ("/v1/vocabulary", "intake"),
        ("/v1/cases:prepare", "intake"),
        ("/v1/cases/1/assessment", "intake"),
        ("/v1/cases/1/plan", "intake"),
        ("/v1/cases/1/revisions/1", "intake"),
        ("/v1/cases/1/revisions/1/assessment", "diagnosis"),
        ("/v1/assessments:evaluate", "diagnosis"),
        ("/v1/rules", "diagnosis"),
        ("/v1/rules/BC-01", "diagnosis"),
        ("/v1/rulesets", "diagnosis"),
        ("/v1/cases/1/revisions/12/assessment/proof", "diagnosis"),
        ("/v1/cases/1/revisions/12/plan/proof", "treatment"),
        ("/v1/guidance/versions", "treatment"),
        ("/v1/cases/1/revisions/1/plan", "treatment"),
        ("/v1/plans:evaluate", "treatment"),
        ("/v1/guidance", "treatment"),
        ("/v1/guidance/TX-01", "treatment"),
    ],
)
def test_a_path_belongs_to_a_service(path, service):
    assert service_for(path) == service


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/v1", "/v1/", "/v1/casesx", "/v1/rulesx", "/v2/cases", "/v1/cases\n"),
        *(
            "/metrics",
            "/livez",
            "/v1/version",
            "/x/v1/cases",
            "/v1/plans",
            "/admin",
            "/v1/cases:evaluate",
        ),
    ],
)
def test_any_other_path_belongs_to_nobody(path):
    assert service_for(path) is None
