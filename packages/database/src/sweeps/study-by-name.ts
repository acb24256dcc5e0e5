import { externalTrainer } from "@reprise/contracts";
import { type Database, inTransaction } from "../connect.js";
import { storableText } from "../storable.js";
import { conflict, type Transition } from "../transition.js";
import { createSweepIn, type NewSweep, readStudyDocument, type StudyDocument } from "./sweeps.js";

/**
 * The study of this name that takes runs from outside, or a new one where no study is called so. Callers that come at
 * once get the same one. A conflict where several take runs (which is meant?), and where those of the name take none.
 */
export function studyNamed(db: Database, name: string, make: NewSweep): Promise<Transition<StudyDocument>> {
  return inTransaction(db, async (sql): Promise<Transition<StudyDocument>> => {
    await sql.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
    const named = await sql.$queryRaw<
      Array<{ id: string; takesRuns: boolean; cancelled: boolean; trainer: string }>
    >`
      SELECT id, spec ->> 'trainer' AS trainer, cancel_requested_at IS NOT NULL AS cancelled,
        spec ->> 'trainer' = ${externalTrainer} AND cancel_requested_at IS NULL AND imported IS NULL AS "takesRuns"
      FROM sweeps WHERE name = ${storableText(name)} ORDER BY created_at, id`;
    const open = named.filter(({ takesRuns }) => takesRuns);
    const [first, second] = open;
    if (second) {
      return conflict(
        `${open.length} studies are called ${JSON.stringify(name)}: ${open.map(({ id }) => id).join(", ")}. Say which by sweepId, or rename one.`,
      );
    }
    const document = first ? await readStudyDocument(sql, first.id) : null;
    if (document) return { ok: true, value: document };
    const [other] = named;
    if (!other) return { ok: true, value: await createSweepIn(sql, make) };
    const why =
      other.trainer !== externalTrainer
        ? `its runs are trained by workers (trainer ${other.trainer})`
        : other.cancelled
          ? "it was cancelled"
          : "it was read from an archive";
    return conflict(
      `The study ${JSON.stringify(name)} (${other.id}) takes no runs: ${why}. Choose another name.`,
    );
  });
}
