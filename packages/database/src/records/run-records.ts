import {
  encodeNumber,
  type LadderRung,
  type LogLine,
  logLine,
  type Page,
  type Predictions,
  predictions,
  type ReductionOrder,
  type RunLadder,
  rungKind,
  rungKinds,
  type WireNumber,
} from "@reprise/contracts";
import type { Database } from "../connect.js";
import type { Prisma } from "../generated/client.js";

const exists = async (db: Database, runId: string) =>
  (await db.prisma.run.count({ where: { id: runId } })) > 0;

/** Log lines of one attempt (default: the latest) after line `after`. Null when there is no such run. */
export async function readLogs(
  db: Database,
  runId: string,
  query: { attempt?: number; after: number; limit: number },
): Promise<(Page<LogLine> & { removedAt: string | null }) | null> {
  const run = await db.prisma.run.findUnique({
    where: { id: runId },
    select: { attempt: true, logsRemovedAt: true },
  });
  if (!run) return null;
  const attempt = query.attempt ?? run.attempt;
  const rows = await db.prisma.$queryRaw<Array<{ line: number; stream: string; at: Date; text: string }>>`
    SELECT (c.first_line + l.place - 1)::int AS line, l.stream, l.at, l.text
    FROM log_chunks c, unnest(c.streams, c.times, c.texts) WITH ORDINALITY AS l(stream, at, text, place)
    WHERE c.run_id = ${runId}::uuid AND c.attempt = ${attempt}
      AND c.first_line + cardinality(c.texts) > ${query.after} + 1
      AND c.first_line + l.place - 1 > ${query.after}
    ORDER BY line LIMIT ${query.limit + 1}`;
  const items = rows
    .slice(0, query.limit)
    .map((row) => logLine.parse({ attempt, ...row, at: row.at.toISOString() }));
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > query.limit && last ? String(last.line) : null,
    removedAt: run.logsRemovedAt?.toISOString() ?? null,
  };
}

/** The digest ladder of a run: rungs by kind, then position; of one reported twice, the later. */
export async function readLadder(db: Database, runId: string): Promise<RunLadder | null> {
  const run = await db.prisma.run.findUnique({ where: { id: runId }, select: { attempt: true } });
  if (!run) return null;
  const chunks = await db.prisma.ladderChunk.findMany({
    where: { runId },
    orderBy: [{ attempt: "asc" }, { batch: "asc" }],
  });
  const byKind = new Map<string, Map<number, Pick<LadderRung, "digest" | "algorithm">>>();
  for (const { kind, positions, digests, algorithm } of chunks) {
    const rungs = byKind.get(kind) ?? new Map<number, Pick<LadderRung, "digest" | "algorithm">>();
    byKind.set(kind, rungs);
    for (const [index, position] of positions.entries()) {
      rungs.set(position, { digest: digests[index] ?? "", algorithm });
    }
  }
  const rungs = rungKinds.flatMap((kind) =>
    [...(byKind.get(kind) ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([position, rung]) => ({ kind: rungKind.parse(kind), position, ...rung })),
  );
  return { runId, attempt: run.attempt, rungs };
}

/** Columns of the cases under their name; nothing where a program told none. */
function unlessEmpty(name: "groups" | "subgroups", columns: Prisma.JsonValue): Record<string, unknown> {
  return typeof columns === "object" && columns !== null && Object.keys(columns).length > 0
    ? { [name]: columns }
    : {};
}

function toPredictions(row: Prisma.PredictionGetPayload<object>): Predictions {
  const width = row.ids.length === 0 ? 0 : row.scores.length / row.ids.length;
  return predictions.parse({
    split: row.split,
    ...(row.question === "" ? {} : { question: row.question }),
    epoch: row.epoch,
    classes: row.classes,
    positiveClass: row.positiveClass,
    threshold: row.threshold,
    ids: row.ids,
    labels: row.labels,
    scores: row.ids.map((_, index) => row.scores.slice(index * width, (index + 1) * width).map(encodeNumber)),
    ...unlessEmpty("groups", row.groups),
    ...unlessEmpty("subgroups", row.subgroups),
  });
}

/** Predictions of a run by split; null when there is no such run. */
export async function readPredictions(db: Database, runId: string): Promise<Predictions[] | null> {
  const rows = await db.prisma.prediction.findMany({
    where: { runId },
    orderBy: [{ split: "desc" }, { question: "asc" }],
  });
  return rows.length > 0 || (await exists(db, runId)) ? rows.map(toPredictions) : null;
}

/** Reads texts of JSON, equal ones once: the runs of a study are scored on the same cases. */
function once<T>(): (json: string) => T {
  const known = new Map<string, T>();
  return (json) => {
    const found = known.get(json);
    if (found !== undefined) return found;
    const read: T = JSON.parse(json);
    known.set(json, read);
    return read;
  };
}

type PredictionTexts = {
  runId: string;
  /** Fields of one value each. */
  facts: string;
  classes: string;
  ids: string;
  labels: string;
  scores: string;
  groups: string;
  subgroups: string;
};

/** Predictions of one split of several runs by question, each a map from run to predictions; sorted by name. */
export async function readQuestionPredictions(
  db: Database,
  runIds: readonly string[],
  split: "validation" | "test",
): Promise<Map<string, Map<string, Predictions>>> {
  const rows = await db.prisma.$queryRaw<PredictionTexts[]>`
    SELECT run_id::text AS "runId", json_build_object('split', split, 'question', question, 'epoch', epoch,
        'positiveClass', positive_class, 'threshold', threshold)::text AS "facts",
      array_to_json(classes)::text AS "classes", array_to_json(ids)::text AS "ids",
      array_to_json(labels)::text AS "labels", array_to_json(scores)::text AS "scores",
      groups::text AS "groups", subgroups::text AS "subgroups"
    FROM predictions WHERE run_id = ANY(${[...runIds]}::uuid[]) AND split = ${split}
    ORDER BY question, run_id`;
  const texts = once<string[]>();
  const numbers = once<number[]>();
  const columns = once<Record<string, string[]>>();
  const questions = new Map<string, Map<string, Predictions>>();
  for (const row of rows) {
    const {
      question,
      ...facts
    }: Pick<Predictions, "split" | "epoch" | "positiveClass" | "threshold"> & {
      question: string;
    } = JSON.parse(row.facts);
    const scores: WireNumber[] = JSON.parse(row.scores);
    const ids = texts(row.ids);
    const width = ids.length === 0 ? 0 : scores.length / ids.length;
    const [groups, subgroups] = [columns(row.groups), columns(row.subgroups)];
    const known = questions.get(question) ?? new Map<string, Predictions>();
    questions.set(question, known);
    known.set(row.runId, {
      ...facts,
      ...(question === "" ? {} : { question }),
      classes: texts(row.classes),
      ids,
      labels: numbers(row.labels),
      scores: ids.map((_, index) => scores.slice(index * width, (index + 1) * width)),
      ...(Object.keys(groups).length > 0 ? { groups } : {}),
      ...(Object.keys(subgroups).length > 0 ? { subgroups } : {}),
    });
  }
  return questions;
}

/**
 * Predictions of runs for the classes of their data set; those of runs that have none of these, but answers to zero-shot questions, to
 * the first question in the order of their names. Runs without any are not in the map.
 */
export function firstPredictions(
  questions: ReadonlyMap<string, ReadonlyMap<string, Predictions>>,
): Map<string, Predictions> {
  return new Map([...questions.values()].toReversed().flatMap((ofRuns) => [...ofRuns]));
}

/** The recorded summation order, one row of shard indices per step from the first; null without a record. */
export async function readReductionOrder(db: Database, runId: string): Promise<ReductionOrder | null> {
  const chunks = await db.prisma.reductionOrderChunk.findMany({
    where: { runId },
    orderBy: [{ firstStep: "asc" }, { attempt: "asc" }],
  });
  if (chunks.length === 0) return null;
  return chunks.flatMap(({ shards, orders }) => {
    const steps = orders.length / shards;
    return Array.from({ length: steps }, (_, step) => [
      ...orders.subarray(step * shards, (step + 1) * shards),
    ]);
  });
}
