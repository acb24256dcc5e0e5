import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { BatchOrderError, claimRun, finishAttempt, readMetrics, writeBatch } from "@reprise/database";
import { batchOf, newSweep, stretch } from "../../../support/database-fixtures.js";
import { endedOnce } from "./trained.js";
import type { Violation, Work, WorkSetting } from "./work.js";

const batches = 5;
const stepsPerBatch = 3;
const valueAt = (step: number) => 1 / (step + 1);
/** No worker has it: nobody but this writer takes the run. */
const trainer = "nobody-has-this";

/** A writer that sends each batch of an attempt twice, some before their time, and the end three times. */
export async function batchesWork({ lab, name, deadline }: WorkSetting): Promise<Work> {
  const { db } = lab;
  // One whose answer was lost stays as it is: nobody trains it.
  const study = await lab.read(() => newSweep(db, 1, { name: `${name} batches`, trainer }));
  const { id: runId } = await lab.read(() =>
    db.prisma.run.findFirstOrThrow({ where: { sweepId: study.id } }),
  );
  const violations: Violation[] = [];

  /** Does it until the database has; what it refuses is an error. */
  const persist = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof BatchOrderError || Date.now() > deadline) throw error;
        await delay(100);
      }
    }
  };
  const program = async () => {
    const worker = { workerId: randomUUID(), workerName: "writer", leaseMs: 120_000 };
    let attempt = 0;
    const claimed = await persist(async () => {
      // A claim whose answer was lost is nobody's: the run comes back when its lease ends.
      attempt = (await db.prisma.run.findUniqueOrThrow({ where: { id: runId } })).attempt + 1;
      const claim = await claimRun(db, { runId, attempt, ...worker });
      if (!claim.ok) throw new Error(`not claimed: ${claim.reason}`);
      return claim;
    });
    const { ref } = claimed;
    const write = (number: number) => {
      const first = number * stepsPerBatch;
      const values = Array.from({ length: stepsPerBatch }, (_, index) => valueAt(first + index));
      return persist(() =>
        writeBatch(db, ref, batchOf(number, { metrics: [stretch("trainLoss", first, values)] })),
      );
    };
    for (let number = 0; number < batches; number++) {
      const early = await write(number + 2).then(
        () => null,
        (error: unknown) => error,
      );
      if (!(early instanceof BatchOrderError))
        violations.push(`batch ${number + 2} of ${runId} was taken before batch ${number}: ${early}`);
      await Promise.all([write(number), write(number)]);
      if (number > 0) await write(number - 1);
    }
    const end = { status: "succeeded", digest: null, selectedEpoch: null, phases: {}, energy: null } as const;
    const finish = () => persist(() => finishAttempt(db, ref, end));
    await Promise.all([finish(), finish()]);
    await finish();
  };

  return {
    sweepIds: () => [study.id],
    done: program(),
    async check() {
      const metrics = await readMetrics(db, runId, { superseded: true });
      const { steps, values } = metrics?.series.trainLoss ?? { steps: [], values: [] };
      const expected = Array.from({ length: batches * stepsPerBatch }, (_, step) => [step, valueAt(step)]);
      if (JSON.stringify(steps.map((step, index) => [step, values[index]])) !== JSON.stringify(expected))
        violations.push(`run ${runId} has the steps ${steps.join(" ")} of batches sent twice`);
      if (Object.keys(metrics?.superseded ?? {}).length > 0)
        violations.push(`run ${runId} has reports of batches twice`);
      return [...violations, ...(await endedOnce(lab, runId))];
    },
  };
}
