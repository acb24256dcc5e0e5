import type { Verification, VerificationKind } from "@reprise/contracts";
import {
  announcedTrainers,
  createVerification,
  type Database,
  endVerification,
  getEnvironment,
  getRun,
  getSweep,
  readLadder,
  runsForAnalysis,
  type VerificationEnd,
  verificationsToSettle,
} from "@reprise/database";
import { firstDivergence, judgeReplica, type ReplicaSide } from "@reprise/study";
import type { FastifyBaseLogger } from "fastify";
import { divergenceEvidence } from "./divergence-evidence.js";
import { found, problem, transitioned } from "./http/problems.js";

const trainerOf = async (db: Database, name: string) =>
  (await announcedTrainers(db)).find(({ capabilities }) => capabilities.name === name)?.capabilities;

/**
 * Queues a run to be trained again.
 *
 * @throws {ProblemError} for an unknown run, one without a result, and a replay of what cannot be replayed
 */
export async function requestVerification(
  db: Database,
  runId: string,
  kind: VerificationKind,
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
  return transitioned(await createVerification(db, { runId, kind }));
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
  const comparison = { kind, source, replica, plan, runs, metrics: capabilities?.metrics ?? [] };
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
