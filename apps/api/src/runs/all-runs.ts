import type { Run, RunFilter, RunListQuery } from "@reprise/contracts";
import { type Database, listRuns } from "@reprise/database";

/** Every run that a query finds, page by page, with all its metrics. */
export async function allRunsOf(
  db: Database,
  query: { sweepId: string; purpose: RunListQuery["purpose"]; where?: RunFilter },
): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await listRuns(db, {
      ...query,
      orderBy: "position",
      metrics: ["all"],
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    runs.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return runs;
}
