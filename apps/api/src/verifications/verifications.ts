import {
  didYouMean,
  meets,
  otherWorker,
  type Run,
  requirementWords,
  type Verification,
  type VerificationKind,
  type VerificationList,
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

/** What the body of a request asks of the worker. @throws {ProblemError} where no connected worker could meet it */
async function conditionFor(
  db: Database,
  run: Run,
  wanted: string | undefined,
): Promise<WorkerCondition | null> {
  if (wanted === undefined) return null;
  if (wanted === otherWorker) {
    const { refusal } = await otherWorkers(db, run);
    if (refusal !== null) throw problem("conflict", refusal);
    return run.workerName === null ? null : { rule: "not", name: run.workerName };
  }
  const all = await listWorkers(db);
  const named = all.filter(({ id, name }) => id === wanted || name === wanted);
  if (named.some(({ status, trainers }) => status === "ready" && trainers.includes(run.trainer)))
    return { rule: "only", name: wanted };
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
  return transitioned(await createVerification(db, { runId, kind, worker: condition, traceparent }));
}

async function sideOf(db: Database, id: string): Promise<ReplicaSide> {
  const run = found(await getRun(db, id), "run", id);
  const [environment, ladder] = await Promise.all([
    run.environmentId === null ? null : getEnvironment(db, run.environmentId),
    readLadder(db, id),
  ]);
  return { run, rungs: ladder?.rungs ?? [], environment: environment?.values ?? {} };
}

/** How a verification ends, from what its run and its ended replica recorded. */
async function endOf(db: Database, { kind, runId, replicaRunId }: Verification): Promise<VerificationEnd> {
  const replica = await sideOf(db, replicaRunId);
  const { status, error, sweepId, trainer } = replica.run;
  if (status !== "succeeded") {
    const why =
      status === "cancelled" ? "it was cancelled" : (error?.message ?? "it failed without a message");
    return { status: "failed", explanation: `The run could not be trained again: ${why}` };
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
  return { status: "ended", ...judgeReplica({ ...comparison, evidence }) };
}

/**
 * Compares every replica that has ended with its run and writes the verdicts. What a crash leaves over is done in the
 * next round, and of several processes that compare the same pair the first one counts. One that cannot be compared
 * now does not hold up the others.
 */
export async function settleVerifications(db: Database, log: FastifyBaseLogger): Promise<void> {
  for (const verification of await verificationsToSettle(db)) {
    const { id: verificationId, runId } = verification;
    try {
      const end = await endOf(db, verification);
      const ended = await endVerification(db, verificationId, end);
      const verdict = end.status === "ended" ? end.verdict : null;
      if (ended) log.info({ verificationId, runId, verdict }, `verification ${end.status}`);
    } catch (error) {
      log.error({ err: error, verificationId, runId }, "verification not settled; it will be tried again");
    }
  }
}
