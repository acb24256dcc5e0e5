import {
  type CaptureGap,
  type LiveEvent,
  type LogLine,
  type Observation,
  type Progress,
  type RungKind,
  type SystemSample,
  sha256Algorithm,
  type TensorDigests,
} from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { BatchOrderError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import { writeLiveEvents } from "../live/live-events.js";
import type { Direction } from "../metrics/metric-summaries.js";
import { chunksInsert, finishSummaries, summariesAfter, summariesInsert } from "../metrics/series-store.js";
import { writeSystemSamples } from "../metrics/system-samples.js";
import { withLarge } from "../postgres/large-parameters.js";
import { insertEmbeddings, type RecordedEmbedding } from "../records/embeddings.js";
import { addGaps, writeObservations } from "../records/observations.js";
import { writeTensorDigests } from "../records/tensor-digests.js";
import { eventOfRun } from "../runs/entities.js";
import { type AttemptRef, lockWriter } from "./attempt-lock.js";
import { logsInsert, placeAll, placeCapped, trimEnd } from "./log-lines.js";

/** What an attempt reported in a fraction of a second. */
export type AttemptBatch = {
  /** 0 or 1 for the first batch of an attempt, then one more each time; `next` where writers do not count. */
  batch: number | "next";
  metrics: Array<{
    key: string;
    steps: number[];
    values: number[];
    /** Seconds since the attempt started. */
    wallTimes: number[];
    /** Only for validation metrics whose direction is declared: the others have no best value. */
    direction: Direction | null;
  }>;
  /** Of algorithm SHA-256 where none is said. */
  digests: Array<{ kind: RungKind; positions: number[]; digests: string[]; algorithm?: string }>;
  tensorDigests: TensorDigests[];
  /** Looks at settings of the process; none where the writer knows no observations. */
  observations?: Observation[];
  gaps?: CaptureGap[];
  logs: Array<{ stream: LogLine["stream"]; at: Date; text: string }>;
  reductionOrders: Array<{ firstStep: number; orders: number[][] }>;
  embeddings: RecordedEmbedding[];
  /** In the order of their indices. */
  system: SystemSample[];
  progress: Progress | null;
};

/** One entry for each key: a batch may hold several stretches of one series. */
function joinByKey<T, K>(items: readonly T[], keyOf: (item: T) => K, join: (a: T, b: T) => T): T[] {
  const joined = new Map<K, T>();
  for (const item of items) {
    const earlier = joined.get(keyOf(item));
    joined.set(keyOf(item), earlier === undefined ? item : join(earlier, item));
  }
  return [...joined.values()];
}

/**
 * Writes a batch in one transaction: chunks, summaries, progress, and last the live events. A batch that was written
 * before changes nothing, so a writer that does not know whether its write arrived may repeat it.
 *
 * @throws LeaseLostError; TooManyMetricsError; BatchOrderError when a batch is missing before this one
 */
export function writeBatch(db: Database, ref: AttemptRef, batch: AttemptBatch): Promise<void> {
  return inTransaction(db, async (sql) => {
    const { sweepId, ...attempt } = await lockWriter(sql, ref);
    const { runId } = ref;
    const expected = (attempt.lastBatch ?? -1) + 1;
    const number = batch.batch === "next" ? expected : batch.batch;
    if (attempt.lastBatch !== null && number <= attempt.lastBatch) return;
    if (number !== expected && !(attempt.lastBatch === null && number === 1)) {
      throw new BatchOrderError(number, expected);
    }
    const place = { runId, attempt: ref.attempt, batch: number };
    const metrics = joinByKey(
      batch.metrics.filter((metric) => metric.steps.length > 0),
      (metric) => metric.key,
      (a, b) => ({
        ...a,
        steps: [...a.steps, ...b.steps],
        values: [...a.values, ...b.values],
        wallTimes: [...a.wallTimes, ...b.wallTimes],
        direction: a.direction ?? b.direction,
      }),
    );
    // Writers that count their batches are workers, which limit what their trainers print.
    const isCapped = batch.batch === "next";
    const log = isCapped ? placeCapped(place, attempt, batch.logs) : placeAll(place, attempt, batch.logs);
    const summaries = await summariesAfter(sql, runId, metrics);
    // One statement: each is a way to the database and back while the run is held.
    await withLarge((large) => {
      const parts = [
        ...(metrics.length > 0 ? [chunksInsert(place, metrics, large)] : []),
        ...(summaries.extended.size > 0 ? [summariesInsert(runId, summaries.extended)] : []),
        ...log.rows.map(logsInsert),
        ...(batch.progress === null
          ? []
          : [
              Prisma.sql`UPDATE runs SET progress = ${JSON.stringify(batch.progress)}::jsonb WHERE id = ${runId}::uuid`,
            ]),
        Prisma.sql`
          UPDATE attempts SET last_batch = ${number}::int, log_lines = ${log.size.logLines}::int,
            log_characters = ${log.size.logCharacters}::bigint
          WHERE run_id = ${runId}::uuid AND number = ${ref.attempt}::int`,
      ];
      const named = parts.map((part, index) => Prisma.sql`${Prisma.raw(`part_${index}`)} AS (${part})`);
      return sql.$executeRaw`WITH ${Prisma.join(named)} SELECT`;
    });
    if (log.endIsLong) await trimEnd(sql, place);
    const isOtherwise = await finishSummaries(sql, runId, summaries);
    await writeLadder(sql, place, batch.digests);
    await writeTensorDigests(sql, place, batch.tensorDigests);
    const departed = await writeObservations(sql, place, batch.observations ?? []);
    await addGaps(sql, runId, batch.gaps ?? []);
    await writeReductionOrders(sql, place, batch.reductionOrders);
    await insertEmbeddings(sql, runId, batch.embeddings);
    await writeSystemSamples(sql, { runId, attempt: ref.attempt }, batch.system);
    const events = eventsOf({ sweepId, runId }, metrics, batch);
    // Who shows the state of runs shows whether they diverged, or departed from what was asked for.
    await writeLiveEvents(sql, isOtherwise || departed ? [...events, await eventOfRun(sql, runId)] : events);
  });
}

function eventsOf(
  run: { sweepId: string | null; runId: string },
  metrics: AttemptBatch["metrics"],
  batch: AttemptBatch,
): LiveEvent[] {
  const events: LiveEvent[] = [];
  if (metrics.length > 0 || batch.progress) {
    const lastStep = metrics.reduce((last, { steps }) => steps.reduce((a, b) => Math.max(a, b), last), 0);
    const keys = metrics.map((metric) => metric.key);
    events.push({ type: "metrics", ...run, keys, lastStep, progress: batch.progress });
  }
  if (batch.logs.length > 0) events.push({ type: "logs", ...run, lines: batch.logs.length });
  if (batch.system.length > 0) events.push({ type: "system", ...run, samples: batch.system.length });
  return events;
}

type Place = { runId: string; attempt: number; batch: number };

async function writeLadder(sql: Sql, place: Place, rungs: AttemptBatch["digests"]): Promise<void> {
  if (rungs.length === 0) return;
  const joined = joinByKey(
    rungs,
    ({ kind, algorithm = sha256Algorithm }) => `${kind} ${algorithm}`,
    (a, b) => ({
      ...a,
      positions: [...a.positions, ...b.positions],
      digests: [...a.digests, ...b.digests],
    }),
  );
  await sql.ladderChunk.createMany({ data: joined.map((rung) => ({ ...place, ...rung })) });
}

async function writeReductionOrders(
  sql: Sql,
  place: Place,
  stretches: AttemptBatch["reductionOrders"],
): Promise<void> {
  const rows = stretches.flatMap(({ firstStep, orders }) => {
    const shards = orders[0]?.length ?? 0;
    return shards === 0 ? [] : [{ ...place, firstStep, shards, orders: Uint8Array.from(orders.flat()) }];
  });
  if (rows.length > 0) await sql.reductionOrderChunk.createMany({ data: rows });
}
