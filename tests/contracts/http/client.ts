// Uses the generated TypeScript client as a stranger would; prints what it read as JSON.
// Arguments: the address, a token, the case itself, and the day of the follow-up.

import {
  AssessmentsApi, CasesApi, CaseFromJSON, Configuration, CorrectionFromJSON, FollowUpFromJSON, PlansApi,
  ProblemFromJSON, ResponseError,
} from "./generated";
import type { Case, Problem } from "./generated";

declare const process: { argv: string[] };

async function refused(cases: CasesApi, _case: Case): Promise<Problem> {
  try {
    await cases.submitCase({ idempotencyKey: "typescript-refused", _case });
  } catch (error) {
    if (error instanceof ResponseError) return ProblemFromJSON(await error.response.json());
    throw error;
  }
  throw new Error("a contact in the future was accepted");
}

async function main(basePath: string, accessToken: string, text: string, day: string): Promise<void> {
  const configuration = new Configuration({ basePath, accessToken });
  const cases = new CasesApi(configuration);
  const _case = CaseFromJSON(JSON.parse(text));
  const submitted = await cases.submitCase({ idempotencyKey: "typescript-case", prefer: "wait=20", _case });
  const read = await cases.readCase({ caseId: submitted.caseId });
  const followed = await cases.addFollowUp({
    caseId: read.caseId,
    idempotencyKey: "typescript-follow-up",
    ifMatch: `"${read.revision}"`,
    prefer: "wait=20",
    followUp: FollowUpFromJSON({ contact: { happened_on: day, pain_nrs_now: 4 } }),
  });
  const corrected = await cases.correctCase({
    caseId: read.caseId,
    ifMatch: `"${followed.revision}"`,
    prefer: "wait=20",
    correction: CorrectionFromJSON({ red_flags: { fever: true } }),
  });
  const named = { caseId: read.caseId, revision: read.revision };
  const assessment = await new AssessmentsApi(configuration).readAssessmentDocument(named);
  const plan = await new PlansApi(configuration).readPlanDocument(named);
  _case.contacts![0].happenedOn = new Date("2999-01-01");
  const problem = await refused(cases, _case);
  console.log(
    JSON.stringify({
      state: read.progress.state,
      do: read.brief!.action._do.text,
      category: read.assessment!.category,
      outcome: read.plan!.outcome,
      verdicts: read.brief!.treatments!.map((line) => line.verdict),
      revisions: [followed.revision, corrected.revision],
      state_after: corrected.progress.state,
      screen: assessment.redFlags.screen.sentence,
      step: plan.step.code,
      statuses: Object.fromEntries(plan.modalities.map((one) => [one.modality, one.status])),
      problem: {
        type: problem.type,
        status: problem.status,
        places: problem.errors!.map((fault) => fault.pointer),
      },
    }),
  );
}

const [address, token, text, day] = process.argv.slice(2);
main(address, token, text, day);
