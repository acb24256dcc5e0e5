import {
  decodeNumber,
  type Embedding,
  type EmbeddingKind,
  embedding,
  encodeNumber,
  type WireNumber,
} from "@reprise/contracts";
import type { Database, Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";

/** Last-layer weights or activations of a run after an epoch, with their numbers as they are. */
export type RecordedEmbedding = Omit<Embedding, "vector"> & { vector: number[] };

export const fromWire = (given: Embedding): RecordedEmbedding => ({
  ...given,
  vector: given.vector.map(decodeNumber),
});

/** Stores what a run recorded; what is sent again replaces the first. */
export async function insertEmbeddings(
  sql: Sql,
  runId: string,
  embeddings: readonly RecordedEmbedding[],
): Promise<void> {
  if (embeddings.length === 0) return;
  const latest = new Map(embeddings.map((given) => [`${given.of} ${given.epoch}`, given]));
  const rows = [...latest.values()].map(({ epoch, of, shape = [], vector }) => ({
    ...{ epoch, of, shape },
    vector: vector.map(encodeNumber),
  }));
  await sql.$executeRaw`
    INSERT INTO embeddings (run_id, epoch, "of", shape, vector)
    SELECT ${runId}::uuid, x.epoch, x."of", x.shape, x.vector
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS x(epoch int, "of" text, shape int[], vector float8[])
    ON CONFLICT (run_id, epoch, "of") DO UPDATE SET shape = excluded.shape, vector = excluded.vector`;
}

/** Everything of this sort that a run recorded, for its archive. */
export async function embeddingsOfRun(db: Database, runId: string): Promise<Embedding[]> {
  const rows = await db.prisma.embedding.findMany({
    where: { runId },
    orderBy: [{ epoch: "asc" }, { of: "asc" }],
  });
  return rows.map(({ epoch, of, shape, vector }) =>
    embedding.parse({
      ...{ epoch, of, vector: vector.map(encodeNumber) },
      ...(shape.length === 0 ? {} : { shape }),
    }),
  );
}

type VectorRow = { runId: string; epoch: number; shape: number[]; vector: number[] };

/** Vectors of one kind, by run and epoch; of some epochs alone where these are named. */
async function vectorsOf(
  db: Database,
  runIds: readonly string[],
  of: EmbeddingKind,
  epochs?: readonly number[],
): Promise<VectorRow[]> {
  const among = epochs ? Prisma.sql`AND epoch = ANY(${[...epochs]}::int[])` : Prisma.empty;
  // A list of JSON is read ten times as fast as a list of the client.
  const rows = await db.prisma.$queryRaw<
    Array<Pick<VectorRow, "runId" | "epoch" | "shape"> & { vector: string }>
  >`
    SELECT run_id::text AS "runId", epoch, shape, array_to_json(vector)::text AS vector
    FROM embeddings WHERE run_id = ANY(${[...runIds]}::uuid[]) AND "of" = ${of} ${among}
    ORDER BY embeddings.run_id, epoch`;
  return rows.map(({ vector, ...row }) => {
    const numbers: WireNumber[] = JSON.parse(vector);
    return { ...row, vector: numbers.map(decodeNumber) };
  });
}

/** Last-layer weights by epoch. */
export async function readEmbeddings(
  db: Database,
  runIds: readonly string[],
): Promise<Map<string, { epochs: number[]; vectors: number[][] }>> {
  const rows = await vectorsOf(db, runIds, "lastLayerWeights");
  const result = new Map<string, { epochs: number[]; vectors: number[][] }>();
  for (const row of rows) {
    const of = result.get(row.runId) ?? { epochs: [], vectors: [] };
    of.epochs.push(row.epoch);
    of.vectors.push(row.vector);
    result.set(row.runId, of);
  }
  return result;
}

/** Activations of the probed cases (cases × width) by epoch. */
export type RecordedProbes = Map<string, { epochs: number[]; activations: number[][][] }>;

/** Numbers of activations that are read at once: 128 MiB of them. */
const probeNumbers = 16 * 1024 * 1024;

/**
 * Activations of fixed cases before the last layer. Where all epochs together are more than `limit` numbers, every so
 * manieth epoch counted from the last is read; `leftOut` are the others, earliest first.
 */
export async function readProbes(
  db: Database,
  runIds: readonly string[],
  limit = probeNumbers,
): Promise<{ probes: RecordedProbes; leftOut: number[] }> {
  const sizes = await db.prisma.$queryRaw<Array<{ epoch: number; numbers: number }>>`
    SELECT epoch, sum(cardinality(vector))::float8 AS numbers FROM embeddings
    WHERE run_id = ANY(${[...runIds]}::uuid[]) AND "of" = 'probe' GROUP BY epoch ORDER BY epoch DESC`;
  const stride = Math.max(1, Math.ceil(sizes.reduce((sum, { numbers }) => sum + numbers, 0) / limit));
  const chosen = sizes.flatMap(({ epoch }, i) => (i % stride === 0 ? [epoch] : []));
  const leftOut = sizes.flatMap(({ epoch }, i) => (i % stride === 0 ? [] : [epoch])).toReversed();
  const rows = chosen.length === 0 ? [] : await vectorsOf(db, runIds, "probe", chosen);
  const probes: RecordedProbes = new Map();
  for (const { runId, epoch, shape, vector } of rows) {
    const [cases = 0, width = 0] = shape;
    const own = probes.get(runId) ?? { epochs: [], activations: [] };
    own.epochs.push(epoch);
    own.activations.push(
      Array.from({ length: cases }, (_, row) => vector.slice(row * width, (row + 1) * width)),
    );
    probes.set(runId, own);
  }
  return { probes, leftOut };
}
