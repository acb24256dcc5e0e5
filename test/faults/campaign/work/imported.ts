import { importAnswer, importSession } from "@reprise/contracts";
import { z } from "zod";
import { Refused } from "../client.js";
import type { Violation, Work, WorkSetting } from "./work.js";

const runs = 6;

/** Runs as a reader hands them on, of one study. */
function* lines(experiment: string): Generator<string> {
  yield JSON.stringify({ format: "mlflow-sqlite", warnings: [] });
  for (let index = 0; index < runs; index++) {
    const series = { steps: [0, 1, 2], values: [0.1, 0.2, index / 100], precision: "float64" };
    yield JSON.stringify({
      source: { format: "mlflow-sqlite", location: `${experiment}.db`, id: `run-${index}` },
      ...{ name: `run ${index}`, params: { optimizer: index % 2 ? "adam" : "sgd", seed: index >> 1 } },
      ...{ tags: {}, status: "finished", startedAt: null, endedAt: null, gitCommit: null, host: null },
      metrics: { val_acc: series, train_loss: series },
      ...{ summary: {}, artifacts: [], attempts: 1, doubtful: null, remarks: [] },
    });
  }
}

/** Runs of another tracker, imported until that was acknowledged, from the start where the server forgot the upload. */
export async function importedWork({ lab, client, name }: WorkSetting): Promise<Work> {
  const sweepIds = new Set<string>();
  const text = `${[...lines(name)].join("\n")}\n`;
  const headers = { "content-type": "application/x-ndjson" };
  const once = async () => {
    const { id } = await client.call({ method: "POST", path: "/imports" }, importSession);
    await client.call({ method: "PUT", path: `/imports/${id}/runs`, body: text, headers }, z.unknown());
    const { studies } = await client.call({ path: `/imports/${id}/studies`, body: {} }, importAnswer);
    for (const study of studies) sweepIds.add(study.sweepId);
    // As every client does that has what it came for: a server prepares sixteen at a time.
    await client.call({ method: "DELETE", path: `/imports/${id}` }, z.unknown());
  };
  const program = async () => {
    for (;;) {
      try {
        await once();
        return;
      } catch (error) {
        // Another process serves now, which knows nothing of an upload to the last one.
        if (!(error instanceof Refused && error.status === 404)) throw error;
      }
    }
  };
  return {
    sweepIds: () => [...sweepIds],
    done: program(),
    async check() {
      const found = await lab.db.prisma.run.findMany({
        where: { sweepId: { in: [...sweepIds] } },
        include: { metricSummaries: true },
      });
      const violations: Violation[] = [];
      if (sweepIds.size !== 1) violations.push(`the import of ${name} made ${sweepIds.size} studies`);
      if (found.length !== runs)
        violations.push(`the import of ${name} has ${found.length} runs, not ${runs}`);
      for (const { id, status, metricSummaries: summaries } of found)
        if (status !== "succeeded" || summaries.length !== 2)
          violations.push(`imported run ${id} is ${status} with ${summaries.length} metrics`);
      return violations;
    },
  };
}
