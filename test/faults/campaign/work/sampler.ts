import { askAnswer, run, type SweepSpecInput, sweep } from "@reprise/contracts";
import { Refused } from "../client.js";
import type { Violation, Work, WorkSetting } from "./work.js";

const runs = 4;
const valueOfSeed = (seed: number) => 0.5 + seed / 100;

const spec = (name: string): SweepSpecInput => ({
  ...{ name, trainer: "external", dataset: "slides", leaseSeconds: 30 },
  seeds: Array.from({ length: runs }, (_, seed) => seed),
  objective: { metric: "validationAccuracy", direction: "maximize" },
});

/** A program that asks for planned runs one by one, and tells the value of each. */
export async function samplerWork({ lab, client, name }: WorkSetting): Promise<Work> {
  const study = await client.call(
    { path: "/sweeps", body: spec(`${name} sampler`), key: `${name} sampler` },
    sweep,
  );
  const told = new Map<string, number>();

  const program = async () => {
    for (let turn = 0; told.size < runs; turn++) {
      const asked = await client.call(
        { path: `/sweeps/${study.id}/ask`, body: {}, key: `${study.name} ask ${turn}` },
        askAnswer,
      );
      if (!asked.run) throw new Error(`asking ${study.name} gave no run`);
      const { id, seed, attempt } = asked.run;
      try {
        await client.call(
          {
            path: `/runs/${id}/tell`,
            body: { value: valueOfSeed(seed) },
            key: `${study.name} tell ${id} ${attempt}`,
            headers: { "reprise-attempt": String(attempt) },
          },
          run,
        );
        told.set(id, valueOfSeed(seed));
      } catch (error) {
        // The run went to another asker, which is this program at its next turn.
        if (!(error instanceof Refused && error.body.includes("stale-attempt"))) throw error;
      }
    }
  };

  return {
    sweepIds: () => [study.id],
    done: program(),
    async check() {
      const found = await lab.db.prisma.run.findMany({
        where: { sweepId: study.id },
        include: { metricSummaries: true },
      });
      const violations: Violation[] = [];
      if (found.length !== runs) violations.push(`${study.name} has ${found.length} runs, not ${runs}`);
      for (const { id, status, metricSummaries: summaries } of found) {
        const values = summaries.map(({ key, final }) => [key, final]);
        const expected = JSON.stringify([["validationAccuracy", told.get(id)]]);
        if (status !== "succeeded" || JSON.stringify(values) !== expected)
          violations.push(
            `asked run ${id} is ${status} with ${JSON.stringify(values)}, told was ${expected}`,
          );
      }
      return violations;
    },
  };
}
