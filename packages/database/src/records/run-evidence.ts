import { type RunEvidence, type RungKind, unrecordedAlgorithm } from "@reprise/contracts";
import type { Database } from "../connect.js";

/** Rungs that runs with equal final weights share; those of single steps are many, and an epoch tells of them. */
const comparedRungs = [
  "dataset",
  "dataOrder",
  "initialWeights",
  "epoch",
  "finalWeights",
] as const satisfies readonly RungKind[];

type RungRow = { runId: string; kind: string; rungs: number; digest: string; algorithm: string };
type PredictionRow = { runId: string; split: string; question: string; cases: number; digest: string | null };

function rungsOf(db: Database, runIds: readonly string[]): Promise<RungRow[]> {
  return db.prisma.$queryRaw`
    SELECT run_id AS "runId", kind, count(*)::int AS rungs,
      CASE count(*) WHEN 1 THEN min(left(digest, 32))
        ELSE md5(string_agg(position || ' ' || left(digest, 32), ',' ORDER BY position)) END AS digest,
      CASE count(DISTINCT algorithm) WHEN 1 THEN min(algorithm) ELSE ${unrecordedAlgorithm} END AS algorithm
    FROM (
      SELECT DISTINCT ON (run_id, kind, position) run_id, kind, position, digest, algorithm
      FROM ladder_chunks, unnest(positions, digests) AS rung(position, digest)
      WHERE run_id = ANY(${[...runIds]}::uuid[]) AND kind = ANY(${[...comparedRungs]}::text[])
      ORDER BY run_id, kind, position, attempt DESC, batch DESC
    ) AS latest GROUP BY run_id, kind`;
}

/** Of stored predictions as they stand: cases in another order have another digest. */
function predictionsOf(
  db: Database,
  runIds: readonly string[],
  digested: readonly string[],
): Promise<PredictionRow[]> {
  return db.prisma.$queryRaw`
    SELECT run_id AS "runId", split, question, cardinality(ids)::int AS cases,
      CASE WHEN run_id = ANY(${[...digested]}::uuid[])
        THEN md5(ids::text || labels::text || scores::text) END AS digest
    FROM predictions WHERE run_id = ANY(${[...runIds]}::uuid[])`;
}

/** Digests of predictions of runs for one question of a split that do not depend on the order of their cases. */
async function digestsByCase(
  db: Database,
  runIds: readonly string[],
  { split, question }: Pick<PredictionRow, "split" | "question">,
): Promise<Map<string, string>> {
  // As numbers: -0 is 0.
  const rows = await db.prisma.$queryRaw<Array<{ runId: string; digest: string }>>`
    SELECT p.run_id AS "runId", (
      SELECT md5(coalesce(string_agg(line, ',' ORDER BY line COLLATE "C"), '')) FROM (
        SELECT json_build_array(asked.id, asked.label, scored.scores)::text AS line
        FROM unnest(p.ids, p.labels) WITH ORDINALITY AS asked(id, label, place)
        JOIN (
          SELECT (s.place - 1) * cardinality(p.ids) / cardinality(p.scores) + 1 AS place,
            string_agg((s.score + 0)::text, ' ' ORDER BY s.place) AS scores
          FROM unnest(p.scores) WITH ORDINALITY AS s(score, place) GROUP BY 1
        ) AS scored ON scored.place = asked.place
      ) AS lines
    ) AS digest
    FROM predictions p
    WHERE p.run_id = ANY(${[...runIds]}::uuid[]) AND p.split = ${split} AND p.question = ${question}`;
  return new Map(rows.map(({ runId, digest }) => [runId, digest]));
}

/**
 * What the records of runs say of data, weights and predictions, as digests to compare. Of a rung reported twice the later
 * report counts; digests are taken to 16 bytes, to which some are cut, and that of a single rung is its own. Those of predictions are taken for the runs in
 * `alike`, groups of runs whose predictions should be equal: every score is read for them.
 */
export async function readRunEvidence(
  db: Database,
  runIds: readonly string[],
  alike: readonly (readonly string[])[],
): Promise<Map<string, RunEvidence>> {
  const [rungs, predictions] = await Promise.all([
    rungsOf(db, runIds),
    predictionsOf(db, runIds, alike.flat()),
  ]);
  for (const group of alike) {
    const own = predictions.filter(({ runId }) => group.includes(runId));
    for (const name of new Set(own.map(({ split, question }) => `${split} ${question}`))) {
      const rows = own.filter(({ split, question }) => `${split} ${question}` === name);
      if (new Set(rows.map(({ digest }) => digest)).size < 2) continue;
      const [first] = rows;
      if (!first) continue;
      const ids = rows.map(({ runId }) => runId);
      const byCase = await digestsByCase(db, ids, first);
      for (const row of rows) row.digest = byCase.get(row.runId) ?? row.digest;
    }
  }
  const evidence = new Map(
    runIds.map((id): [string, { rungs: RunEvidence["rungs"]; predictions: RunEvidence["predictions"] }] => [
      id,
      { rungs: {}, predictions: {} },
    ]),
  );
  for (const { runId, kind, rungs: count, digest, algorithm } of rungs) {
    const of = evidence.get(runId);
    if (of) of.rungs = { ...of.rungs, [kind]: { rungs: count, digest, algorithm } };
  }
  for (const { runId, split, question, cases, digest } of predictions) {
    const of = evidence.get(runId);
    if (of) of.predictions = { ...of.predictions, [`${split} ${question}`.trim()]: { cases, digest } };
  }
  return evidence;
}
