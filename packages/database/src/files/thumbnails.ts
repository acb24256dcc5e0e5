import { type Thumbnails, thumbnails } from "@reprise/contracts";
import { type AttemptRef, lockAttempt } from "../attempts/attempt-lock.js";
import { type Database, inTransaction } from "../connect.js";
import { storableText } from "../storable.js";
import type { StoredFile } from "./artifacts.js";

/** A sheet with where it lies. */
export type StoredThumbnails = Thumbnails & StoredFile;

/** What a run reported: a sheet that is new, or the key of one that is known. */
export type RecordedThumbnails = Pick<Thumbnails, "key" | "split"> & {
  sheet: (Omit<Thumbnails, "key" | "split"> & StoredFile) | null;
};

/** Keys of the sheets of a data set that are stored. */
export async function knownThumbnails(db: Database, dataset: string): Promise<string[]> {
  const rows = await db.prisma.thumbnails.findMany({ where: { dataset }, select: { key: true } });
  return rows.map(({ key }) => key);
}

/** Notes that a run has evaluated the cases of a sheet, and the sheet where it is new. @throws LeaseLostError */
export function recordThumbnails(
  db: Database,
  ref: AttemptRef,
  { key, split, sheet }: RecordedThumbnails,
): Promise<void> {
  return inTransaction(db, async (sql) => {
    await lockAttempt(sql, ref);
    if (sheet) {
      const { dataset } = await sql.run.findUniqueOrThrow({
        where: { id: ref.runId },
        select: { dataset: true },
      });
      const data = {
        ...sheet,
        ...{ dataset, split, path: storableText(sheet.path), ids: sheet.ids.map(storableText) },
      };
      const update = { ...data, createdAt: new Date() };
      await sql.thumbnails.upsert({ where: { key }, create: { key, ...data }, update });
    }
    // One that was removed since the run was told of it is not this run's either.
    await sql.$executeRaw`
      UPDATE runs SET thumbnails = array_append(thumbnails, ${key}::text)
      WHERE id = ${ref.runId}::uuid AND NOT ${key}::text = ANY(thumbnails)
        AND EXISTS (SELECT 1 FROM thumbnails WHERE key = ${key}::text)`;
  });
}

async function sheets(db: Database, keys: readonly string[]): Promise<StoredThumbnails[]> {
  const rows = await db.prisma.thumbnails.findMany({
    where: { key: { in: [...keys] } },
    orderBy: [{ split: "asc" }, { createdAt: "asc" }, { key: "asc" }],
  });
  return rows.map(({ key, split, columns, width, height, ids, path, digest, bytes }) => ({
    ...thumbnails.parse({ key, split, columns, width, height, ids }),
    path,
    digest,
    bytes: Number(bytes),
  }));
}

export async function getThumbnails(db: Database, key: string): Promise<StoredThumbnails | null> {
  return (await sheets(db, [key]))[0] ?? null;
}

/** Null when there is no such run. */
export async function thumbnailsOfRun(db: Database, id: string): Promise<StoredThumbnails[] | null> {
  const run = await db.prisma.run.findUnique({ where: { id }, select: { thumbnails: true } });
  return run && sheets(db, run.thumbnails);
}

/** Of all study runs, each sheet once; null when there is no such sweep. */
export async function thumbnailsOfSweep(db: Database, id: string): Promise<StoredThumbnails[] | null> {
  if ((await db.prisma.sweep.count({ where: { id } })) === 0) return null;
  const rows = await db.prisma.$queryRaw<Array<{ key: string }>>`
    SELECT DISTINCT unnest(thumbnails) AS key FROM runs WHERE sweep_id = ${id}::uuid AND purpose = 'study'`;
  return sheets(
    db,
    rows.map(({ key }) => key),
  );
}
