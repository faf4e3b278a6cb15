"""The list of accepted revisions without a plan: of one tenant, or of all."""

from intake.use_cases import unfinished

LATER_US = 2**62


def listed(intake, tenant, limit=10):
    with intake.database.read() as connection:
        rows = unfinished(connection, tenant, LATER_US, limit)
    return [(row["tenant_id"], row["subject"]) for row in rows]


def test_an_operator_who_names_a_clinic_sees_no_other(intake, bm01):
    own = [intake.post(bm01).json["case_id"] for _ in range(2)]
    foreign = intake.post(bm01, tenant="other").json["case_id"]

    assert listed(intake, "clinic") == [("clinic", case_id) for case_id in own]
    assert listed(intake, "other") == [("other", foreign)]
    assert {subject for _, subject in listed(intake, None)} == {*own, foreign}
