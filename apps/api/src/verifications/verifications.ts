import {
  didYouMean,
  meets,
  metPart,
  otherWorker,
  type Requirements,
  type Run,
  requirementWords,
  type Verification,
  type VerificationKind,
  type VerificationList,
  type Worker,
  type WorkerCondition,
} from "@reprise/contracts";
import {
  announcedTrainers,
  createVerification,
  type Database,
  endVerification,
  getEnvironment,
  getRun,
  getSweep,
  listVerifications,
  listWorkers,
  readLadder,
  readRunEvidence,
  requirementsOf,
  runsForAnalysis,
  type VerificationEnd,
  verificationsToSettle,
} from "@reprise/database";
import { firstDivergence, judgeReplica, type ReplicaSide } from "@reprise/study";
import type { FastifyBaseLogger } from "fastify";
import { found, problem, transitioned } from "../http/problems.js";
import { divergenceEvidence } from "./divergence-evidence.js";

const trainerOf = async (db: Database, name: string) =>
  (await announcedTrainers(db)).find(({ capabilities }) => capabilities.name === name)?.capabilities;

const wayOut =
  "Start one with `reprise worker` on another machine, or on this one under another REPRISE_WORKER_NAME (README, “More than one machine”).";

/** Connected workers that could train a run, and are not the one that did; or why there is none. */
async function otherWorkers(
  db: Database,
  run: Pick<Run, "id" | "trainer" | "workerName">,
): Promise<VerificationList["elsewhere"]> {
  const [all, requires] = await Promise.all([listWorkers(db), requirementsOf(db, run.id)]);
  const ready = all.filter(
    (worker) => worker.status === "ready" && worker.trainers.includes(run.trainer) && meets(worker, requires),
  );
  const workers = [...new Set(ready.map(({ name }) => name))]
    .filter((name) => name !== run.workerName)
    .sort();
  const needed = Object.keys(requires).length === 0 ? "" : ` and has ${requirementWords(requires)}`;
  const refusal =
    workers.length > 0
      ? null
      : `No other worker is connected: ${run.workerName ?? "nobody known"} trained this run, and no worker of another name offers trainer ${run.trainer}${needed} now. ${wayOut}`;
  return { workers, refusal };
}

/**
 * Of the requirements of a run those that a worker meets which is named all the same: it lacks the others, but which of its GPUs the
 * replica gets is decided by what it has. Of several workers of that name, by the one that has most.
 */
async function requiredOf(db: Database, run: Run, named: readonly Worker[]): Promise<Requirements> {
  const requires = await requirementsOf(db, run.id);
  const size = (part: Requirements) => Object.keys(part).length;
  const parts = named.map((worker) => metPart(worker, requires));
  return parts.reduce((most, part) => (size(part) > size(most) ? part : most), {});
}

/** Adds to an explanation what was left out when the replica's worker was named; nothing where it has all that the run requires. */
async function withLacking(db: Database, { runId, replicaRunId }: Verification) {
  const [requires, kept] = await Promise.all([requirementsOf(db, runId), requirementsOf(db, replicaRunId)]);
  const lacking = Object.fromEntries(Object.entries(requires).filter(([name]) => !Object.hasOwn(kept, name)));
  return (explanation: string) =>
    Object.keys(lacking).length === 0
      ? explanation
      : `${explanation.replace(/\.?$/, ".")} The worker that was named does not meet all that the run requires together; left out: ${requirementWords(lacking)}.`;
}

/** What the body of a request asks of the worker. @throws {ProblemError} where no connected worker could meet it */
async function conditionFor(
  db: Database,
  run: Run,
  wanted: string | undefined,
): Promise<{ worker: WorkerCondition | null; requires?: Requirements }> {
  if (wanted === undefined) return { worker: null };
  if (wanted === otherWorker) {
    const { refusal } = await otherWorkers(db, run);
    if (refusal !== null) throw problem("conflict", refusal);
    return { worker: run.workerName === null ? null : { rule: "not", name: run.workerName } };
  }
  const all = await listWorkers(db);
  const named = all.filter(({ id, name }) => id === wanted || name === wanted);
  const able = named.filter(({ status, trainers }) => status === "ready" && trainers.includes(run.trainer));
  if (able.length > 0)
    return { worker: { rule: "only", name: wanted }, requires: await requiredOf(db, run, able) };
  const names = [...new Set(all.filter(({ status }) => status !== "gone").map(({ name }) => name))].sort();
  const [first] = named;
  const state =
    first === undefined
      ? `There is no worker ${wanted}`
      : first.status === "ready"
        ? `Worker ${first.name} does not offer trainer ${run.trainer}`
        : `Worker ${first.name} is ${first.status}`;
  const connected = names.length === 0 ? "None is connected." : `Connected: ${names.join(", ")}.`;
  throw problem("conflict", `${state}. ${connected} ${wayOut}`, {
    errors: [
      { path: "worker", message: "no such worker", value: wanted, suggestion: didYouMean(wanted, names) },
    ],
  });
}

/** Verifications of a run, and whether it could be reproduced on another worker now; null when there is no such run. */
export async function verificationsOf(db: Database, runId: string): Promise<VerificationList | null> {
  const [items, run] = await Promise.all([listVerifications(db, runId), getRun(db, runId)]);
  return items && run && { items, elsewhere: await otherWorkers(db, run) };
}

/**
 * Queues a run to be trained again, by any worker or by one that meets `worker` (see `verificationRequest`).
 *
 * @throws {ProblemError} for an unknown run, one without a result, and a replay of what cannot be replayed,
 *   and where no connected worker could train it as asked
 */
export async function requestVerification(
  db: Database,
  runId: string,
  kind: VerificationKind,
  { worker, traceparent = null }: { worker?: string | undefined; traceparent?: string | null } = {},
): Promise<Verification> {
  const run = found(await getRun(db, runId), "run", runId);
  if (kind === "replay") {
    const trainer = await trainerOf(db, run.trainer);
    if (trainer && !trainer.replay && run.execution.order === "free") {
      throw problem(
        "conflict",
        `Trainer ${run.trainer} cannot replay a recorded order. Verify the run instead.`,
      );
    }
  }
  const condition = await conditionFor(db, run, worker);
  return transitioned(await createVerification(db, { runId, kind, ...condition, traceparent }));
}

async function sideOf(db: Database, id: string): Promise<ReplicaSide> {
  const run = found(await getRun(db, id), "run", id);
  const [environment, ladder] = await Promise.all([
    run.environmentId === null ? null : getEnvironment(db, run.environmentId),
    readLadder(db, id),
  ]);
  return { run, rungs: ladder?.rungs ?? [], environment: environment?.values ?? {} };
}

/** How a verification ends, from what its run and its ended replica recorded. It reads the whole study. */
export async function endOf(db: Database, verification: Verification): Promise<VerificationEnd> {
  const { kind, runId, replicaRunId } = verification;
  const [replica, complete] = await Promise.all([sideOf(db, replicaRunId), withLacking(db, verification)]);
  const { status, error, sweepId, trainer } = replica.run;
  if (status !== "succeeded") {
    const why =
      status === "cancelled" ? "it was cancelled" : (error?.message ?? "it failed without a message");
    return { status: "failed", explanation: complete(`The run could not be trained again: ${why}`) };
  }
  const [source, sweep, runs, capabilities] = await Promise.all([
    sideOf(db, runId),
    sweepId === null ? null : getSweep(db, sweepId),
    sweepId === null ? [] : runsForAnalysis(db, sweepId),
    trainerOf(db, trainer),
  ]);
  const plan = sweep?.spec.analysisPlan ?? null;
  const pair = [runId, replicaRunId];
  const records = await readRunEvidence(db, pair, [pair]);
  const comparison = { kind, source, replica, plan, runs, records, metrics: capabilities?.metrics ?? [] };
  const place = firstDivergence(comparison);
  const evidence = place ? await divergenceEvidence(db, place, { runId, replicaRunId }) : undefined;
  const judged = judgeReplica({ ...comparison, evidence });
  return { status: "ended", ...judged, explanation: complete(judged.explanation) };
}

/**
 * Compares every replica that has ended with its run and writes the verdicts. What a crash leaves over is done in the
 * next round, and of several processes that compare the same pair the first one counts. One that cannot be compared
 * now does not hold up the others, nor does one that somebody holds.
 *
 * @param judge where they are compared; default: here
 */
export async function settleVerifications(
  db: Database,
  log: FastifyBaseLogger,
  judge = (verification: Verification) => endOf(db, verification),
): Promise<void> {
  for (const verification of await verificationsToSettle(db)) {
    const { id: verificationId, runId } = verification;
    try {
      const end = await judge(verification);
      const ended = await endVerification(db, verificationId, end);
      const verdict = end.status === "ended" ? end.verdict : null;
      if (ended) log.info({ verificationId, runId, verdict }, `verification ${end.status}`);
    } catch (error) {
      log.error({ err: error, verificationId, runId }, "verification not settled; it will be tried again");
    }
  }
}
