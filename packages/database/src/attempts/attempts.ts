import { createHash } from "node:crypto";
import { canonicalJson, type Environment, type Parameters, type Predictions } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { LeaseLostError } from "../errors.js";
import { insertPredictions } from "../records/predictions-store.js";
import { storable, storableText } from "../storable.js";
import { type AttemptRef, ownedRun } from "./attempt-lock.js";

/**
 * Renews the lease of an attempt.
 *
 * @returns whether the run is to be cancelled
 * @throws LeaseLostError
 */
export async function heartbeat(
  db: Database,
  ref: AttemptRef,
  leaseMs: number,
): Promise<{ cancelRequested: boolean }> {
  const rows = await db.prisma.$queryRaw<Array<{ cancelRequested: boolean }>>`
    WITH renewed AS (
      UPDATE runs SET lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      WHERE id = ${ref.runId}::uuid AND attempt = ${ref.attempt} AND fencing_token = ${ref.token}::uuid
        AND status = 'running'
      RETURNING id, attempt, cancel_requested_at
    ), seen AS (
      UPDATE attempts SET heartbeat_at = clock_timestamp()
      FROM renewed WHERE attempts.run_id = renewed.id AND attempts.number = renewed.attempt
    )
    SELECT cancel_requested_at IS NOT NULL AS "cancelRequested" FROM renewed`;
  const [run] = rows;
  if (!run) throw new LeaseLostError(ref.runId);
  return run;
}

/** What the trainer said at its start. Safe to repeat. @throws LeaseLostError */
export async function recordHello(
  db: Database,
  ref: AttemptRef,
  hello: {
    effectiveParams: Parameters;
    disclosures: string[];
    backendUsed: string;
    backendRequested: string;
  },
): Promise<void> {
  const { count } = await db.prisma.run.updateMany({
    where: { id: ref.runId, attempt: ref.attempt, fencingToken: ref.token, status: "running" },
    data: {
      effectiveParams: storable(hello.effectiveParams),
      disclosures: hello.disclosures.map(storableText),
      backendUsed: storableText(hello.backendUsed),
      backendRequested: storableText(hello.backendRequested),
    },
  });
  if (count === 0) throw new LeaseLostError(ref.runId);
}

/**
 * Keeps an environment under the digest of its values and names it in the run. Safe to repeat.
 *
 * @returns its id: SHA-256, 64 hex digits, of the canonical JSON
 * @throws LeaseLostError
 */
export async function recordEnvironment(
  db: Database,
  ref: AttemptRef,
  values: Environment["values"],
): Promise<string> {
  const stored = storable(values);
  const id = createHash("sha256").update(canonicalJson(stored)).digest("hex");
  const named = await db.prisma.$executeRaw`
    WITH owned AS (${ownedRun(ref)}), kept AS (
      INSERT INTO environments (id, "values") SELECT ${id}, ${JSON.stringify(stored)}::jsonb FROM owned
      ON CONFLICT (id) DO NOTHING
    )
    UPDATE runs SET environment_id = ${id} FROM owned WHERE runs.id = owned.id`;
  if (named === 0) throw new LeaseLostError(ref.runId);
  return id;
}

/** Scores of one split and question; a second call for the same ones replaces the first. @throws LeaseLostError */
export async function recordPredictions(
  db: Database,
  ref: AttemptRef,
  predictions: Predictions,
): Promise<void> {
  if (!(await insertPredictions(db.prisma, ownedRun(ref), predictions))) throw new LeaseLostError(ref.runId);
}
