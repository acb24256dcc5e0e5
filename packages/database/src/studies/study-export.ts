import {
  type CrateRun,
  type CrateStudy,
  type DeclaredMetric,
  type Environment,
  endedRunStatuses,
  energy,
  metricDeclarations,
  metricsOfStudy,
  objective,
  rungKind,
  rungPart,
  storedRequest,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { z } from "zod";
import type { Database } from "../connect.js";
import { readMetrics } from "../metrics/series.js";
import { embeddingsOfRun } from "../records/embeddings.js";
import { observationsOfRun } from "../records/observations.js";
import { readLadder, readPredictions } from "../records/run-records.js";
import { toAttempt } from "../runs/entities.js";
import { runById } from "../runs/run-json.js";
import { getEnvironment } from "../runs/runs.js";
import { importOf, toSweeps } from "../sweeps/sweep-view.js";
import { conflict, notFound, type Transition } from "../transition.js";
import { verificationsOfSweep } from "../verifications/verifications.js";
import { announcedTrainers } from "../workers/workers.js";

/** A study as it is archived, its runs excepted, which are read one at a time. */
export type ExportedStudy = Omit<CrateStudy, "layout" | "software"> & {
  /** As it was written, without the defaults of this version. */
  spec: unknown;
  environments: Environment[];
};

/**
 * What the trainer of a sweep announced: names and units of metrics, data sets. An archived study brings its own, so
 * that it reads here as it did where it was made. Null when no trainer of that name is known.
 */
export async function capabilitiesOf(
  db: Database,
  sweep: { id: string; spec: { trainer: string } },
): Promise<TrainerCapabilities | null> {
  const row = await db.prisma.sweep.findUnique({ where: { id: sweep.id }, select: { imported: true } });
  const brought = row && importOf(row);
  if (brought) return brought.capabilities;
  const announced = await announcedTrainers(db);
  return announced.find(({ capabilities }) => capabilities.name === sweep.spec.trainer)?.capabilities ?? null;
}

/** Names of studies and what is declared of their metrics, as {@link capabilitiesOf} and the studies have it; by id, in one read. */
export async function measuringStudies(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, { name: string; metrics: DeclaredMetric[] }>> {
  const [rows, announced] = await Promise.all([
    db.prisma.sweep.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, name: true, spec: true, metrics: true, imported: true },
    }),
    announcedTrainers(db),
  ]);
  const trainers = new Map(announced.map(({ capabilities }) => [capabilities.name, capabilities]));
  return new Map(
    rows.map(({ id, name, metrics, ...row }) => {
      const spec = measuring.parse(row.spec);
      const brought = importOf(row);
      const capabilities = brought ? brought.capabilities : trainers.get(spec.trainer);
      const declared = metricsOfStudy({ spec, metrics: metricDeclarations.parse(metrics) });
      return [id, { name, metrics: [...(capabilities?.metrics ?? []), ...declared] }];
    }),
  );
}

/** What a study's document says of its metrics. */
const measuring = z.object({
  trainer: z.string(),
  metrics: metricDeclarations.optional(),
  objective: objective.nullish().transform((value) => value ?? undefined),
});

/** Everything of a sweep that has ended, its runs excepted. A conflict while something may still change. */
export async function readStudy(db: Database, sweepId: string): Promise<Transition<ExportedStudy>> {
  const row = await db.prisma.sweep.findUnique({ where: { id: sweepId } });
  if (!row) return notFound("sweep", sweepId);
  const runs = await db.prisma.run.findMany({
    where: { sweepId },
    orderBy: [{ position: "asc" }, { id: "asc" }],
    select: { id: true, status: true, purpose: true, environmentId: true },
  });
  const open = runs.filter(({ status }) => status === "queued" || status === "running").length;
  const verifications = await verificationsOfSweep(db, sweepId);
  const ended = verifications.flatMap((verification) =>
    verification.status === "ended" || verification.status === "failed"
      ? [{ ...verification, status: verification.status }]
      : [],
  );
  const [sweep] = await toSweeps(db.prisma, [row]);
  const status = row.status;
  if (!sweep || open > 0 || status === "queued" || status === "running" || status === "paused") {
    return conflict(
      `Only a study that has ended can be archived: ${open} of its runs are queued or running. Wait for them, or cancel the sweep.`,
    );
  }
  if (ended.length < verifications.length) {
    return conflict("A verification of this study is just being compared. Try again in a moment.");
  }
  const ids = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))].sort();
  const environments = await Promise.all(ids.map((id) => getEnvironment(db, id)));
  const { spec, ...rest } = sweep;
  return {
    ok: true,
    value: {
      sweep: { ...rest, status },
      spec: row.spec,
      capabilities: await capabilitiesOf(db, { id: sweepId, spec }),
      runIds: runs.map(({ id }) => id),
      verifications: ended,
      environments: environments.flatMap((environment) => environment ?? []),
    },
  };
}

const direction = z.enum(["maximize", "minimize"]);

/** Everything that was recorded of an ended run, logs and checkpoints excepted. */
export async function readCrateRun(db: Database, runId: string): Promise<CrateRun> {
  const row = await db.prisma.run.findUniqueOrThrow({
    where: { id: runId },
    include: { metricSummaries: { select: { key: true, direction: true } } },
  });
  const [attempts, metrics, ladder, predictions, tensors, embeddings, orders, observations] =
    await Promise.all([
      db.prisma.attempt.findMany({ where: { runId }, orderBy: { number: "asc" } }),
      readMetrics(db, runId, { superseded: true }),
      readLadder(db, runId),
      readPredictions(db, runId),
      db.prisma.tensorDigestChunk.findMany({
        where: { runId },
        orderBy: [{ attempt: "asc" }, { batch: "asc" }, { kind: "asc" }, { part: "asc" }],
      }),
      embeddingsOfRun(db, runId),
      db.prisma.reductionOrderChunk.findMany({
        where: { runId },
        orderBy: [{ firstStep: "asc" }, { attempt: "asc" }],
      }),
      observationsOfRun(db.prisma, runId),
    ]);
  if (!z.enum(endedRunStatuses).safeParse(row.status).success)
    throw new Error(`Run ${runId} was started again while it was archived`);
  const run = await runById(db.prisma, runId);
  return {
    run: { ...run, status: z.enum(endedRunStatuses).parse(run.status) },
    deviceClass: z.enum(["cpu", "gpu"]).parse(row.deviceClass),
    request: storedRequest.parse(row.request),
    attempts: attempts.map((attempt) => ({
      ...toAttempt(attempt),
      energy: energy.nullable().parse(attempt.energy),
    })),
    directions: Object.fromEntries(
      row.metricSummaries.flatMap((summary) =>
        summary.direction === null ? [] : [[summary.key, direction.parse(summary.direction)]],
      ),
    ),
    series: metrics?.series ?? {},
    superseded: metrics?.superseded ?? {},
    observations,
    ladder: ladder?.rungs ?? [],
    tensorDigests: tensors.map(({ kind, part, names, positions, digests, algorithm }) => ({
      kind: rungKind.parse(kind),
      part: rungPart.parse(part),
      names,
      positions,
      digests: Buffer.from(digests).toString("base64"),
      algorithm,
    })),
    predictions: predictions ?? [],
    embeddings,
    reductionOrders: orders.map(({ firstStep, shards, orders: bytes }) => ({
      firstStep,
      shards,
      orders: Buffer.from(bytes).toString("base64"),
    })),
  };
}
