import { type Artifact, builtInTrainer, type RunRequest, storedRequest } from "@reprise/contracts";
import { z } from "zod";
import { type AttemptRef, lockAttempt } from "../attempts/attempt-lock.js";
import { type Database, inTransaction } from "../connect.js";
import { runById } from "../runs/run-json.js";
import { storableText } from "../storable.js";

/** A file in the artifact store. */
export type StoredFile = { path: string; digest: string; bytes: number };

/** A file of a run, with where it lies. */
export type StoredArtifact = Artifact & { path: string };

/** What an evaluation of a run's final weights needs, or why there is nothing to evaluate. */
export async function evaluationSource(
  db: Database,
  runId: string,
): Promise<
  { ok: true; trainer: string; evaluate: NonNullable<RunRequest["evaluate"]> } | { ok: false; reason: string }
> {
  const refused = (reason: string) => ({ ok: false as const, reason });
  if (!z.uuid().safeParse(runId).success) return refused(`"${runId}" is not the id of a run.`);
  const row = await db.prisma.run.findUnique({
    where: { id: runId },
    select: { request: true, artifacts: { where: { kind: "finalWeights" } } },
  });
  if (!row) return refused(`There is no run ${runId}.`);
  const run = await runById(db.prisma, runId);
  if (run.status !== "succeeded") return refused(`Run ${runId} is ${run.status}: it has no final weights.`);
  const [weights] = row.artifacts;
  if (!weights || !run.effectiveParams)
    return refused(`Run ${runId} kept no final weights: train it again with keepWeights: always.`);
  const { task, dataset } = storedRequest.parse(row.request);
  const { digest, seed, repeat, noise, trainer } = run;
  const { path: weightsPath } = weights;
  const epoch = weights.epoch ?? 0;
  const parameters = run.effectiveParams;
  return {
    ok: true,
    trainer,
    evaluate: { runId, task, weightsPath, digest, epoch, parameters, seed, repeat, noise, dataset },
  };
}

/** Notes a file of the run; a second of its name replaces the first. @throws LeaseLostError */
export function recordArtifact(
  db: Database,
  ref: AttemptRef,
  {
    name,
    ...artifact
  }: StoredFile & { name: string } & (
      | { kind: "finalWeights"; step: number; epoch: number }
      | { kind: "file"; step: number | null; epoch: null }
    ),
): Promise<void> {
  return inTransaction(db, async (sql) => {
    await lockAttempt(sql, ref);
    const { runId, attempt } = ref;
    const data = { ...artifact, path: storableText(artifact.path), attempt };
    await sql.artifact.upsert({
      where: { runId_name: { runId, name } },
      create: { runId, name, ...data },
      update: { ...data, createdAt: new Date() },
    });
  });
}

/**
 * Notes a checkpoint. A later attempt that resumes here keeps exactly the batches written before this call: write the
 * batch with everything reported before the checkpoint first. Safe to repeat before the next batch.
 *
 * @throws LeaseLostError
 */
export function recordCheckpoint(
  db: Database,
  ref: AttemptRef,
  checkpoint: { path: string; step: number; epoch: number; digest?: string; bytes?: number },
): Promise<void> {
  return inTransaction(db, async (sql) => {
    await lockAttempt(sql, ref);
    const { runId, attempt } = ref;
    const { lastBatch } = await sql.attempt.findUniqueOrThrow({
      where: { runId_number: { runId, number: attempt } },
      select: { lastBatch: true },
    });
    const { step, ...rest } = checkpoint;
    const data = { ...rest, attempt, path: storableText(checkpoint.path), lastBatch };
    await sql.checkpoint.upsert({
      where: { runId_step: { runId, step } },
      create: { runId, step, ...data },
      // The file may have been written anew, and would else be taken for somebody else's.
      update: { ...data, createdAt: new Date() },
    });
  });
}

/** Checkpoints of a run in the order of its steps, then its other files as they were stored; null when there is no such run. */
export async function listArtifacts(db: Database, runId: string): Promise<StoredArtifact[] | null> {
  const run = await db.prisma.run.findUnique({
    where: { id: runId },
    select: {
      trainer: true,
      checkpoints: { orderBy: { step: "asc" } },
      artifacts: { orderBy: { createdAt: "asc" } },
    },
  });
  if (!run) return null;
  // What other trainers put into a checkpoint is their own affair.
  const ending = run.trainer === builtInTrainer ? ".safetensors" : "";
  const common = (row: { step: number | null; epoch: number | null; path: string; createdAt: Date }) => ({
    step: row.step,
    epoch: row.epoch,
    path: row.path,
    createdAt: row.createdAt.toISOString(),
  });
  return [
    ...run.checkpoints.map((row) => ({
      ...common(row),
      name: `checkpoint-${row.step}${ending}`,
      kind: "checkpoint" as const,
      digest: row.digest,
      bytes: row.bytes === null ? null : Number(row.bytes),
    })),
    ...run.artifacts.map((row) => ({
      ...common(row),
      name: row.name,
      kind: z.enum(["finalWeights", "file"]).parse(row.kind),
      digest: row.digest,
      bytes: Number(row.bytes),
    })),
  ];
}
