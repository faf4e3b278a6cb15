// Uses the generated TypeScript client as a stranger would; prints what it read as JSON.
// Arguments: the address, a token, the case itself, and the day of the follow-up.

import { CasesApi, CaseFromJSON, Configuration, FollowUpFromJSON, ProblemFromJSON, ResponseError } from "./generated";
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
  const cases = new CasesApi(new Configuration({ basePath, accessToken }));
  const _case = CaseFromJSON(JSON.parse(text));
  const submitted = await cases.submitCase({ idempotencyKey: "typescript-case", prefer: "wait=10", _case });
  const read = await cases.readCase({ caseId: submitted.caseId });
  const followed = await cases.addFollowUp({
    caseId: read.caseId,
    idempotencyKey: "typescript-follow-up",
    ifMatch: `"${read.revision}"`,
    prefer: "wait=10",
    followUp: FollowUpFromJSON({ contact: { happened_on: day, pain_nrs_now: 4 } }),
  });
  _case.contacts![0].happenedOn = new Date("2999-01-01");
  const problem = await refused(cases, _case);
  console.log(
    JSON.stringify({
      state: read.progress.state,
      category: read.summary.category,
      step: read.summary.step,
      revision: followed.revision,
      state_after: followed.progress.state,
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
