import type { SequentialRecord } from "@reprise/contracts";
import { type Database, getSweep, recordLook, runsForAnalysis, studiesToLookAt } from "@reprise/database";
import { expandLook, lookTaken } from "@reprise/study";
import type { FastifyBaseLogger } from "fastify";
import type { ApiContext } from "../context.js";

/**
 * Looks of sequential studies: at those whose block has ended. The bounds are computed in a thread, so that neither requests nor the dispatcher wait for them; the
 * database writes a look only while nobody else has looked, so several processes may do this at once.
 */
export function createLooks({
  db,
  compute,
  log,
}: Pick<ApiContext, "db" | "compute"> & { log: FastifyBaseLogger }): () => Promise<void> {
  return async () => {
    for (const id of await studiesToLookAt(db)) {
      await lookAt(db, compute, id).then(
        (why) => {
          if (why !== undefined) log.info({ sweepId: id, end: why }, "sequential study looked at");
        },
        // Tried again in the next round: until then the study waits, and loses nothing.
        (error: unknown) => log.error({ err: error, sweepId: id }, "look failed; it will be taken again"),
      );
    }
  };
}

/** Why the study ended with this look, null where it goes on; undefined where somebody else was first. */
async function lookAt(
  db: Database,
  compute: ApiContext["compute"],
  id: string,
): Promise<NonNullable<SequentialRecord["end"]>["why"] | null | undefined> {
  const answer = await compute.analysis({ sweepId: id, name: "sequential", metric: undefined, options: {} });
  const [sweep, runs] = await Promise.all([getSweep(db, id), runsForAnalysis(db, id)]);
  const before = sweep?.sequential?.looks.length;
  // What was computed is of an earlier state when a look has been written in between.
  if (!sweep || before === undefined || before !== (answer.record?.looks.length ?? 0)) return undefined;
  const { look, why, next } = lookTaken(answer, runs);
  const at = new Date().toISOString();
  const written = await recordLook(db, id, {
    before,
    look: { ...look, at },
    end: why === null ? null : { at, look: look.look, why },
    runs: next === null ? [] : expandLook(sweep.spec, next),
  });
  return written ? why : undefined;
}
