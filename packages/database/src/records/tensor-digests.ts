import { type RungKind, rungPart, type TensorDigests, tensorDigestsEvent } from "@reprise/contracts";
import type { Database, Sql } from "../connect.js";

/** Stretches of one batch as rows: those of one kind, part and algorithm are one row. */
function joined(stretches: readonly TensorDigests[]): TensorDigests[] {
  const rows = new Map<string, TensorDigests>();
  for (const stretch of stretches) {
    const key = `${stretch.kind} ${stretch.part} ${stretch.algorithm}`;
    const row = rows.get(key);
    rows.set(key, {
      ...stretch,
      positions: [...(row?.positions ?? []), ...stretch.positions],
      digests: [...(row?.digests ?? []), ...stretch.digests],
    });
  }
  return [...rows.values()];
}

export async function writeTensorDigests(
  sql: Sql,
  place: { runId: string; attempt: number; batch: number },
  stretches: readonly TensorDigests[],
): Promise<void> {
  if (stretches.length === 0) return;
  await sql.tensorDigestChunk.createMany({
    data: joined(stretches).map(({ digests, ...rest }) => ({
      ...place,
      ...rest,
      digests: Uint8Array.from(Buffer.from(digests.join(""), "hex")),
    })),
  });
}

/** All digests of single tensors at rungs of one kind, in the order in which they were reported. */
export async function readTensorDigests(
  db: Database,
  runId: string,
  kind: RungKind,
): Promise<TensorDigests[]> {
  const chunks = await db.prisma.tensorDigestChunk.findMany({
    where: { runId, kind },
    orderBy: [{ attempt: "asc" }, { batch: "asc" }],
  });
  return chunks.map(({ kind, part, names, positions, digests, algorithm }) => {
    const bytes = Buffer.from(digests);
    const width = bytes.length / positions.length;
    return {
      kind: tensorDigestsEvent.shape.kind.parse(kind),
      part: rungPart.parse(part),
      names,
      positions,
      digests: positions.map((_, at) => bytes.toString("hex", at * width, (at + 1) * width)),
      algorithm,
    };
  });
}
