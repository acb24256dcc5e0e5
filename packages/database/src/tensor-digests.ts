import { type RungKind, type RungPart, rungPart, type TrainerEvent } from "@reprise/contracts";
import type { Database, Sql } from "./connect.js";

/** A stretch of digests of single tensors, as a trainer reports it. */
export type TensorDigests = Omit<Extract<TrainerEvent, { type: "tensor-digests" }>, "type">;

/** The digests of one part at one place of the ladder, by tensor in the model's order. */
export type DigestedTensors = { position: number; part: RungPart; tensors: Map<string, string> };

/** Stretches of one batch as rows: those of one kind and part are one row, unless their tensors differ. */
function joined(stretches: readonly TensorDigests[]): TensorDigests[] {
  const rows = new Map<string, TensorDigests>();
  for (const stretch of stretches) {
    const key = `${stretch.kind} ${stretch.part}`;
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

/**
 * What is known of single tensors at a rung, or at the first later rung of its kind at which they were digested; one
 * entry per part. Empty where nothing is. Of a rung reported twice (by an attempt that went on from a checkpoint) the
 * later counts.
 */
export async function readTensorDigests(
  db: Database,
  runId: string,
  { kind, position }: { kind: RungKind; position: number },
): Promise<DigestedTensors[]> {
  const chunks = await db.prisma.tensorDigestChunk.findMany({
    where: { runId, kind },
    orderBy: [{ attempt: "asc" }, { batch: "asc" }],
  });
  const later = chunks.flatMap(({ positions }) => positions.filter((at) => at >= position));
  const nearest = later.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const byPart = new Map<RungPart, DigestedTensors>();
  for (const { part: name, names, positions, digests } of chunks) {
    const index = positions.lastIndexOf(nearest);
    if (index < 0) continue;
    const part = rungPart.parse(name);
    const width = digests.length / positions.length / names.length;
    const own = Buffer.from(digests.subarray(index * names.length * width));
    const tensors = new Map(
      names.map((tensor, at) => [tensor, own.toString("hex", at * width, (at + 1) * width)]),
    );
    byPart.set(part, { position: nearest, part, tensors });
  }
  return [...byPart.values()];
}
