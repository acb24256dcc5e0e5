import { setTimeout as delay } from "node:timers/promises";
import { sweep } from "@reprise/contracts";
import { wrongCounts } from "../../support/kept-counts.js";
import { clientOf } from "./client.js";
import type { Fault } from "./faults.js";
import type { Lab } from "./lab.js";
import { wrongMoves } from "./moves.js";
import type { Schedule, WorkName } from "./schedule.js";
import { batchesWork } from "./work/batches.js";
import { importedWork } from "./work/imported.js";
import { notebookWork } from "./work/notebook.js";
import { recordedOf } from "./work/recorded.js";
import { samplerWork } from "./work/sampler.js";
import { runsOf, trainedSpec, trainedWork } from "./work/trained.js";
import { verificationWork } from "./work/verification.js";
import type { Reference, Violation, Work, WorkSetting } from "./work/work.js";

export type Outcome = { schedule: Schedule; seconds: number; violations: readonly Violation[] };

const workOf: Record<WorkName, (setting: WorkSetting) => Promise<Work>> = {
  sampler: samplerWork,
  imported: importedWork,
  verification: verificationWork,
  batches: batchesWork,
};

/** Generous: a machine may be busy, and an API that was killed holds what it worked on for a minute. */
const endWithinMs = 240_000;
/** A fault of one worker costs others at most a lease, and what it may hold of the database. */
const othersWithinMs = 60_000;
const orphansEndWithinMs = 20_000;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const hasEnded = (status: string) => ["succeeded", "failed", "cancelled"].includes(status);

/** Has a new lab train what all later runs are compared with. */
export async function referenceOf(lab: Lab): Promise<Reference> {
  const client = clientOf(lab.url, Date.now() + endWithinMs);
  const { id } = await client.call(
    { path: "/sweeps", body: trainedSpec("undisturbed", 2), key: "undisturbed" },
    sweep,
  );
  await lab.until("the undisturbed study", async () =>
    hasEnded((await client.call({ path: `/sweeps/${id}` }, sweep)).status),
  );
  const runs = await runsOf(client, id);
  const recorded = await Promise.all(
    runs.map(async (each) => ({ seed: each.seed, record: await recordedOf(lab.db, each.id) })),
  );
  const bySeed = new Map(recorded.flatMap(({ seed, record }) => (record ? [[seed, record] as const] : [])));
  for (const { seed, record } of recorded)
    if (JSON.stringify(record) !== JSON.stringify(bySeed.get(seed)))
      throw new Error(`two undisturbed runs of seed ${seed} are not alike`);
  return { runIds: runs.map((each) => each.id), bySeed };
}

/** Does a fault; where it is one worker's alone, a study of others must come on meanwhile. */
async function happen(lab: Lab, fault: Fault, lastMs: number, other: string): Promise<Violation[]> {
  const count = (where: object) =>
    lab.read(() => lab.db.prisma.run.count({ where: { sweepId: other, ...where } }));
  const ended = () => count({ status: "succeeded" });
  const of = await count({});
  const before = fault.sparesOthers ? await ended() : of;
  const happened = fault.happen(lab, lastMs);
  const until = Date.now() + othersWithinMs;
  while (before < of && (await ended()) === before) {
    if (Date.now() > until) {
      await happened;
      return [`no run of another study ended within ${othersWithinMs / 1000} s of: ${fault.name}`];
    }
    await delay(250);
  }
  await happened;
  return [];
}

async function ended(lab: Lab, works: readonly Work[], deadline: number): Promise<Violation[]> {
  for (;;) {
    const ids = works.flatMap((work) => work.sweepIds());
    const sweeps = await lab.db.prisma.sweep
      .findMany({ where: { id: { in: [...ids] } }, select: { name: true, status: true } })
      .catch(() => null);
    const open = sweeps?.filter(({ status }) => !hasEnded(status));
    if (open?.length === 0) return [];
    if (Date.now() > deadline) return (open ?? []).map(({ name, status }) => `${name} is still ${status}`);
    await delay(250);
  }
}

async function orphans(lab: Lab): Promise<Violation[]> {
  const deadline = Date.now() + orphansEndWithinMs;
  for (;;) {
    const left = lab.trainers();
    if (left.length === 0) return [];
    if (Date.now() > deadline) return left.map((pid) => `trainer ${pid} lives on without a run`);
    await delay(250);
  }
}

/** Lets a schedule happen to a lab, and says what did not hold. */
export async function runSchedule(lab: Lab, schedule: Schedule, reference: Reference): Promise<Outcome> {
  const startedAt = performance.now();
  const deadline = Date.now() + endWithinMs;
  const name = `schedule ${schedule.seed}`;
  const setting: WorkSetting = { lab, client: clientOf(lab.url, deadline), name, deadline, reference };
  const violations: Violation[] = [];
  const trained = await trainedWork(setting);
  const [, other = ""] = trained.sweepIds();
  const begun = async (begin: (setting: WorkSetting) => Promise<Work>): Promise<Work> => {
    const work = await begin(setting);
    // What becomes of it after a first violation is said by nobody.
    work.done.catch(() => {});
    return work;
  };
  const beside = Promise.all([notebookWork, ...schedule.work.map((word) => workOf[word])].map(begun));
  beside.catch(() => {});
  try {
    for (const { fault, afterMs, lastMs } of schedule.steps) {
      await delay(afterMs);
      violations.push(...(await happen(lab, fault, lastMs, other)));
    }
    const works = [trained, ...(await beside)];
    const told = await Promise.allSettled(works.map((work) => work.done));
    for (const result of told) if (result.status === "rejected") violations.push(reasonOf(result.reason));
    violations.push(...(await ended(lab, works, deadline)));
    await lab.ready();
    for (const work of works) violations.push(...(await lab.read(() => work.check())));
    violations.push(...(await orphans(lab)), ...(await lab.read(() => wrongMoves(lab.db))));
    violations.push(...(await lab.read(() => wrongCounts(lab.db))));
  } catch (error) {
    violations.push(reasonOf(error));
  }
  return { schedule, seconds: (performance.now() - startedAt) / 1000, violations };
}
