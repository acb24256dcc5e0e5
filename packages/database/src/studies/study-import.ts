import {
  type CrateRun,
  type CrateStudy,
  decodeNumber,
  type Environment,
  encodeNumber,
  type MetricSeries,
  type MetricSummary,
  type Sweep,
} from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { ImportRefusedError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import { writeLiveEvents } from "../live/live-events.js";
import { noteDivergence } from "../metrics/divergence.js";
import { extendSummary, type Summary, withFinal } from "../metrics/metric-summaries.js";
import type { SeriesPoints } from "../metrics/series-order.js";
import { readReports, summaryOfReports, writeMetricChunks, writeSummaries } from "../metrics/series-store.js";
import { fromWire, insertEmbeddings } from "../records/embeddings.js";
import { addGaps, writeObservations } from "../records/observations.js";
import { insertPredictions } from "../records/predictions-store.js";
import { storable, storableText } from "../storable.js";
import { refreshSweep } from "../sweeps/sweep-state.js";
import { requireSweep } from "../sweeps/sweeps.js";

const date = (text: string | null) => (text === null ? null : new Date(text));
const json = (value: object | null) => (value === null ? Prisma.DbNull : storable(value));

async function insertSweep(sql: Sql, { study, spec }: ImportedStudy): Promise<void> {
  const { sweep, software, capabilities } = study;
  await sql.sweep.create({
    data: {
      id: sweep.id,
      name: storableText(sweep.name),
      status: sweep.status,
      spec: storable(spec),
      specDigest: sweep.specDigest,
      metrics: storable(sweep.metrics),
      ...(sweep.sequential ? { sequential: storable(sweep.sequential) } : {}),
      analysisPlanDigest: sweep.analysisPlanDigest,
      preset: sweep.preset,
      priority: sweep.priority,
      maxParallelRuns: sweep.maxParallelRuns,
      tags: sweep.tags.map(storableText),
      notes: storableText(sweep.notes),
      origin: json(sweep.origin ?? null),
      imported: storable({ mark: { at: new Date().toISOString(), software }, capabilities }),
      createdAt: new Date(sweep.createdAt),
      startedAt: date(sweep.startedAt),
      endedAt: date(sweep.endedAt),
    },
  });
}

async function insertRun(sql: Sql, { run, deviceClass, request, attempts }: CrateRun): Promise<void> {
  const {
    summary: _summary,
    diverged: _diverged,
    observed: _observed,
    departures: _departures,
    gaps: _gaps,
    progress,
    seed,
    ...columns
  } = run;
  await sql.run.create({
    data: {
      ...columns,
      configurationLabel: storableText(run.configurationLabel),
      params: storable(run.params),
      effectiveParams: json(run.effectiveParams),
      seed: BigInt(seed),
      deviceClass,
      request: storable(request),
      enqueuedAttempt: run.attempt,
      progress: json(progress),
      phases: json(run.phases),
      energy: json(run.energy),
      // Of versions that took a start in the future for one.
      durationMs: run.durationMs !== null && run.durationMs < 0 ? null : run.durationMs,
      peakResidentMemoryBytes:
        run.peakResidentMemoryBytes === null ? null : BigInt(run.peakResidentMemoryBytes),
      error: json(run.error),
      origin: json(run.origin ?? null),
      createdAt: new Date(run.createdAt),
      startedAt: date(run.startedAt),
      endedAt: date(run.endedAt),
    },
  });
  await sql.attempt.createMany({
    data: attempts.map(({ startedAt, endedAt, error, energy, ...attempt }) => ({
      ...attempt,
      runId: run.id,
      startedAt: new Date(startedAt),
      heartbeatAt: new Date(endedAt ?? startedAt),
      endedAt: date(endedAt),
      error: json(error),
      energy: json(energy),
    })),
  });
}

const sameSummary = (made: Summary, said: MetricSummary) => {
  const wire = (value: number | null) => (value === null ? null : encodeNumber(value));
  return (
    made.count === said.count &&
    made.superseded === said.superseded &&
    made.minStep === said.minStep &&
    made.maxStep === said.maxStep &&
    made.bestStep === said.bestStep &&
    (["first", "last", "min", "max", "best", "final"] as const).every((key) => wire(made[key]) === said[key])
  );
};

const pointsOf = ({ steps, values, wallTimes }: MetricSeries): SeriesPoints => ({
  steps,
  values: values.map(decodeNumber),
  wallTimes,
});

/**
 * The summary of a metric from its history, and its final value where it has one.
 *
 * @throws ImportRefusedError where the archive sums it up otherwise; older ones may do so in the order of reporting
 */
function checkedSummary(
  { run, series, superseded, directions }: CrateRun,
  key: string,
  reports: SeriesPoints | undefined,
): Summary {
  const direction = directions[key] ?? null;
  const said = run.summary[key];
  const ofReports = reports ? summaryOfReports(reports, direction) : null;
  const final = said?.final ?? null;
  const made = final === null ? ofReports : withFinal(ofReports, decodeNumber(final), direction);
  if (made && said && sameSummary(made, said)) return made;
  const former =
    superseded[key] || !series[key] ? null : extendSummary(null, pointsOf(series[key]), direction);
  if (ofReports && former && said && sameSummary(former, said)) return ofReports;
  if (!made) throw new ImportRefusedError(run.id, `it sums up ${key} without a history`);
  throw new ImportRefusedError(run.id, `its summary of ${key} is not that of its history`);
}

/** Series and what is summed up of them. @throws ImportRefusedError when the two contradict each other */
async function insertSeries(sql: Sql, crate: CrateRun): Promise<void> {
  const { run, series, superseded } = crate;
  const place = { runId: run.id, attempt: run.attempt };
  const stretches = (of: typeof series) =>
    Object.entries(of).map(([key, points]) => ({ key, ...pointsOf(points) }));
  // The order of reporting: what was replaced comes first.
  await writeMetricChunks(sql, { ...place, batch: 0 }, stretches(superseded));
  await writeMetricChunks(sql, { ...place, batch: 1 }, stretches(series));
  const reported = new Map(
    (await readReports(sql, { runIds: [run.id] })).map(({ key, ...points }) => [key, points]),
  );
  const keys = new Set([...reported.keys(), ...Object.keys(run.summary)]);
  const summaries = new Map([...keys].map((key) => [key, checkedSummary(crate, key, reported.get(key))]));
  await writeSummaries(sql, run.id, summaries);
  await noteDivergence(sql, run.id, new Map(), summaries);
  const selected = Object.entries(run.summary).map(([key, summary]) => ({ key, selected: summary.selected }));
  await sql.$executeRaw`
    UPDATE metric_summaries s SET selected = x.selected
    FROM json_to_recordset(${JSON.stringify(selected)}::json) AS x(key text, selected float8)
    WHERE s.run_id = ${run.id}::uuid AND s.key = x.key`;
}

async function insertRecords(sql: Sql, crate: CrateRun): Promise<void> {
  const { run, ladder, tensorDigests, observations, predictions, embeddings, reductionOrders } = crate;
  const place = { runId: run.id, attempt: run.attempt, batch: 0 };
  const stretches = new Map(
    ladder.map(({ kind, algorithm }) => [`${kind} ${algorithm}`, { kind, algorithm }]),
  );
  await sql.ladderChunk.createMany({
    data: [...stretches.values()].map((of) => {
      const rungs = ladder.filter(({ kind, algorithm }) => kind === of.kind && algorithm === of.algorithm);
      return {
        ...place,
        ...of,
        positions: rungs.map(({ position }) => position),
        digests: rungs.map(({ digest }) => digest),
      };
    }),
  });
  await sql.tensorDigestChunk.createMany({
    data: tensorDigests.map(({ digests, ...chunk }, batch) => ({
      ...place,
      ...chunk,
      batch,
      digests: Uint8Array.from(Buffer.from(digests, "base64")),
    })),
  });
  await writeObservations(sql, place, observations);
  await addGaps(sql, run.id, run.gaps);
  for (const split of predictions) {
    await insertPredictions(sql, Prisma.sql`SELECT ${run.id}::uuid AS id`, split);
  }
  await insertEmbeddings(sql, run.id, embeddings.map(fromWire));
  await sql.reductionOrderChunk.createMany({
    data: reductionOrders.map(({ firstStep, shards, orders }) => ({
      ...place,
      firstStep,
      shards,
      orders: Uint8Array.from(Buffer.from(orders, "base64")),
    })),
  });
}

async function insertVerifications(sql: Sql, verifications: CrateStudy["verifications"]): Promise<void> {
  await sql.verification.createMany({
    data: verifications.map(({ firstDivergence, suspects, worker, createdAt, endedAt, ...verification }) => ({
      ...verification,
      worker: json(worker),
      firstDivergence: json(firstDivergence),
      suspects: storable(suspects),
      createdAt: new Date(createdAt),
      endedAt: date(endedAt),
    })),
  });
}

export type ImportedStudy = {
  study: CrateStudy;
  spec: object;
  environments: readonly Environment[];
  /** Read one at a time, in the order of `study.runIds`. */
  runs: AsyncIterable<CrateRun>;
};

/**
 * Writes an archived study with all its runs in one transaction: all of it or nothing. It keeps its ids and times, is
 * marked as imported, and nothing of it queues.
 *
 * @throws ImportRefusedError when it is here already, or its parts contradict each other
 */
export function importStudy(db: Database, imported: ImportedStudy): Promise<Sweep> {
  const { study, environments, runs } = imported;
  const { id } = study.sweep;
  return inTransaction(
    db,
    async (sql) => {
      const there = await sql.sweep.findUnique({ where: { id }, select: { name: true } });
      if (there) throw new ImportRefusedError(id, `this study is here already, as ${there.name}`, "conflict");
      const ids = { in: study.runIds };
      const taken = await sql.run.findFirst({ where: { id: ids }, select: { id: true } });
      if (taken)
        throw new ImportRefusedError(taken.id, "a run of this id belongs to another study", "conflict");
      await insertSweep(sql, imported);
      await sql.environment.createMany({
        data: environments.map(({ id: digest, values, createdAt }) => ({
          id: digest,
          values: storable(values),
          createdAt: new Date(createdAt),
        })),
        skipDuplicates: true,
      });
      for await (const crate of runs) {
        await insertRun(sql, crate);
        await insertSeries(sql, crate);
        await insertRecords(sql, crate);
      }
      await insertVerifications(sql, study.verifications);
      const event = await refreshSweep(sql, id);
      const sweep = await requireSweep(sql, id);
      if (sweep.status !== study.sweep.status) {
        throw new ImportRefusedError(
          id,
          `its runs make it ${sweep.status}, but it says ${study.sweep.status}`,
        );
      }
      await writeLiveEvents(sql, [event]);
      return sweep;
    },
    { timeoutMs: importTimeoutMs },
  );
}

/** Twenty thousand runs at a few milliseconds each. */
export const importTimeoutMs = 15 * 60 * 1000;
