/**
 * The studies of `npx pnpm bench:web`. Their runs are written to the database as a worker writes them, with made-up
 * figures: only their number and shape matter.
 */
import { type SweepSpec, sweepSpec } from "@reprise/contracts";
import {
  type AttemptRef,
  claimRun,
  createSweep,
  type Database,
  finishAttempt,
  writeBatch,
} from "@reprise/database";
import { expandSweep, specDigest } from "@reprise/study";

export const epochs = 20;
const keys = [
  "trainLoss",
  "validationLoss",
  "validationAccuracy",
  "testAccuracy",
  "testSensitivity",
  "testSpecificity",
];
/** A curve that ends near 0.9 and differs a little from run to run. */
const valueAt = (position: number, epoch: number) =>
  0.9 - 0.5 * Math.exp(-epoch / 4) + 0.01 * Math.sin(position * 7.3 + epoch);

export function batchOf(position: number, batch: number, from: number, to: number) {
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return {
    batch,
    metrics: keys.map((key) => ({
      key,
      steps,
      values: steps.map((step) => valueAt(position + key.length, step)),
      wallTimes: steps.map((step) => step / 10),
      direction: key.startsWith("validation") ? ("maximize" as const) : null,
    })),
    digests: [],
    logs: [],
    tensorDigests: [],
    reductionOrders: [],
    embeddings: [],
    system: [],
    progress: { done: to, total: epochs, unit: "epochs" },
  };
}

const workerId = "018f0000-0000-7000-8000-0000000000aa";
export async function begin(db: Database, runId: string): Promise<AttemptRef> {
  const claimed = await claimRun(db, { runId, attempt: 1, workerId, workerName: "bench", leaseMs: 600_000 });
  if (!claimed.ok) throw new Error(`not claimed: ${claimed.reason}`);
  return claimed.ref;
}

export async function end(db: Database, ref: AttemptRef, position: number, mode: string): Promise<void> {
  const digest = (mode === "deterministic" ? position >> 4 : position + 1e6).toString(16).padStart(64, "a");
  await finishAttempt(db, ref, {
    status: "succeeded",
    digest,
    selectedEpoch: epochs,
    phases: { train: 1 },
    energy: null,
  });
}

export async function queue(
  db: Database,
  spec: SweepSpec,
): Promise<{ id: string; runs: { id: string; mode: string }[] }> {
  const { id } = await createSweep(db, {
    spec,
    specDigest: specDigest(spec),
    analysisPlanDigest: null,
    preset: null,
    deviceClass: "cpu",
    runs: expandSweep(spec),
  });
  const runs = await db.prisma.run.findMany({
    where: { sweepId: id },
    orderBy: { position: "asc" },
    select: { id: true, mode: true },
  });
  return { id, runs };
}

export const study = (name: string, optimizers: string[], seeds: number, free: number) =>
  sweepSpec.parse({
    name,
    dataset: "wdbc",
    base: { model: "mlp", epochs },
    search: { method: "grid", parameters: { optimizer: optimizers } },
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: free } },
    analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } },
  });

/** A study all of whose runs have ended. */
export async function endedStudy(db: Database, spec: SweepSpec): Promise<{ id: string; runs: number }> {
  const { id, runs } = await queue(db, spec);
  for (const [position, run] of runs.entries()) {
    const ref = await begin(db, run.id);
    await writeBatch(db, ref, batchOf(position, 0, 1, epochs));
    await end(db, ref, position, run.mode);
  }
  return { id, runs: runs.length };
}
