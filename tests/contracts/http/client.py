"""Uses the generated Python client as a stranger would; prints what it read as JSON.

Arguments: the address, a token, and the file of a case.
"""

import datetime as dt
import json
import sys
from pathlib import Path

from backmice_client import ApiClient, Configuration
from backmice_client.api.assessments_api import AssessmentsApi
from backmice_client.api.cases_api import CasesApi
from backmice_client.api.plans_api import PlansApi
from backmice_client.exceptions import ApiException
from backmice_client.models.case import Case
from backmice_client.models.correction import Correction
from backmice_client.models.follow_up import FollowUp
from backmice_client.models.problem import Problem


def main(address: str, token: str, case_file: str) -> None:
    with ApiClient(Configuration(host=address, access_token=token)) as connection:
        cases = CasesApi(connection)
        case = Case.from_dict(json.loads(Path(case_file).read_text()))
        submitted = cases.submit_case("python-case", case, prefer="wait=20")
        read = cases.read_case(submitted.case_id)
        follow_up = FollowUp.from_dict(
            {"contact": {"happened_on": str(dt.date.fromisoformat(sys.argv[4])), "pain_nrs_now": 4}}
        )
        followed = cases.add_follow_up(
            read.case_id, "python-follow-up", f'"{read.revision}"', follow_up, prefer="wait=20"
        )
        correction = Correction.from_dict({"red_flags": {"fever": True}})
        corrected = cases.correct_case(
            read.case_id, f'"{followed.revision}"', correction, prefer="wait=20"
        )
        document = AssessmentsApi(connection).read_assessment_document(read.case_id, read.revision)
        plan = PlansApi(connection).read_plan_document(read.case_id, read.revision)
        case.contacts[0].happened_on = dt.date(2999, 1, 1)
        report = {
            "state": read.progress.state,
            "do": read.brief.action.do.text,
            "category": read.assessment.category,
            "outcome": read.plan.outcome,
            "verdicts": [line.verdict for line in read.brief.treatments],
            "revisions": [followed.revision, corrected.revision],
            "state_after": corrected.progress.state,
            "screen": document.red_flags.screen.sentence,
            "step": plan.step.code,
            "statuses": {one.modality: one.status for one in plan.modalities},
            "problem": refused(cases, case),
        }
    sys.stdout.write(json.dumps(report))


def refused(cases: CasesApi, case: Case) -> dict:
    try:
        cases.submit_case("python-refused", case)
    except ApiException as error:
        problem = error.data
        assert isinstance(problem, Problem)
        return {
            "type": problem.type,
            "status": problem.status,
            "places": [fault.pointer for fault in problem.errors],
        }
    raise AssertionError("a contact in the future was accepted")


main(*sys.argv[1:4])
