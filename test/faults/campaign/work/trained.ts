import { run, type SweepSpecInput, sweep } from "@reprise/contracts";
import { z } from "zod";
import type { Client } from "../client.js";
import type { Lab } from "../lab.js";
import { differences, recordedOf } from "./recorded.js";
import type { Violation, Work, WorkSetting } from "./work.js";

const epochs = 12;
const seeds = [3, 8];
const besideRuns = 5;

/** Two seeds, a little more than a second each, with checkpoints to go on from. */
export const trainedSpec = (name: string, perSeed = 1): SweepSpecInput => ({
  ...{ name, dataset: "toy", seeds },
  base: { epochs, pauseMs: 60 },
  modes: { deterministic: { repeats: perSeed } },
  checkpointEveryEpochs: 5,
});

/** Short runs, one at a time and before all others: a study that the faults of others must not hold. */
const otherSpec = (name: string): SweepSpecInput => ({
  ...{ name, dataset: "toy", seeds: [21] },
  base: { epochs: 3, pauseMs: 20 },
  modes: { deterministic: { repeats: besideRuns } },
  priority: 10,
  maxParallelRuns: 1,
});

const runsPage = z.looseObject({ items: z.array(run) });

export const runsOf = async (client: Client, sweepId: string) =>
  (await client.call({ path: `/runs?sweepId=${sweepId}&limit=1000` }, runsPage)).items;

/** A study that workers train while faults happen, and another beside it. */
export async function trainedWork({ lab, client, name, reference }: WorkSetting): Promise<Work> {
  const create = (spec: SweepSpecInput) =>
    client.call({ path: "/sweeps", body: spec, key: spec.name }, sweep);
  const main = await create(trainedSpec(`${name} trained`));
  const other = await create(otherSpec(`${name} beside`));
  return {
    sweepIds: () => [main.id, other.id],
    done: Promise.resolve(),
    async check() {
      const runs = await runsOf(client, main.id);
      const beside = await runsOf(client, other.id);
      const violations: Violation[] = [];
      if (runs.length !== seeds.length)
        violations.push(`${main.name} has ${runs.length} runs, not ${seeds.length}`);
      if (beside.length !== besideRuns)
        violations.push(`${other.name} has ${beside.length} runs, not ${besideRuns}`);
      for (const each of [...runs, ...beside]) violations.push(...(await endedOnce(lab, each.id)));
      for (const { id, seed } of runs) {
        const [expected, found] = [reference.bySeed.get(seed), await recordedOf(lab.db, id)];
        if (!expected || !found) throw new Error(`there is nothing to compare run ${id} with`);
        violations.push(...differences(`run ${id} of seed ${seed}`, expected, found));
      }
      const digests = new Set(beside.map(({ digest }) => digest));
      if (digests.size !== 1) violations.push(`${other.name} has ${digests.size} digests of one seed`);
      return violations;
    },
  };
}

/** Whether a run that workers train succeeded, in one attempt of all it had. */
export async function endedOnce({ db }: Lab, id: string): Promise<Violation[]> {
  const { status, attempts } = await db.prisma.run.findUniqueOrThrow({
    where: { id },
    include: { attempts: { orderBy: { number: "asc" } } },
  });
  const ends = attempts.map((attempt) => attempt.status);
  const isRight =
    status === "succeeded" &&
    ends.filter((end) => end === "succeeded").length === 1 &&
    ends.at(-1) === "succeeded" &&
    !ends.includes("running");
  if (isRight) return [];
  const reasons = attempts.map(({ number, error }) => `${number}: ${JSON.stringify(error)}`).join("; ");
  return [`run ${id} is ${status} after attempts that ${ends.join(", ")} (${reasons})`];
}
