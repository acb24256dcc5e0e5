import { randomUUID } from "node:crypto";
import { type PlannedRun, type SweepSpecInput, sweepSpec } from "@reprise/contracts";
import {
  type AttemptBatch,
  type AttemptRef,
  claimRun,
  connectDatabase,
  createSweep,
  type Database,
  type DatabasePool,
} from "@reprise/database";
import { afterAll, expect } from "vitest";
import { wrongCounts } from "./kept-counts.js";
import { testDatabase } from "./postgres.js";

/** A connection to an empty database for one test file, closed and dropped after its last test: the kept counts of its runs are then right. */
export async function databaseOfFile(): Promise<DatabasePool> {
  const { url, drop } = await testDatabase();
  const db = connectDatabase({ url });
  afterAll(async () => {
    const wrong = await wrongCounts(db);
    await db.close();
    await drop();
    expect(wrong).toEqual([]);
  });
  return db;
}

/** A sweep document with one configuration. */
export function specOf(overrides: Partial<SweepSpecInput> = {}) {
  return sweepSpec.parse({ name: "Digits", trainer: "tfjs", dataset: "digits", ...overrides });
}

/** A run of the deterministic arm, whose seed is its place in the study. */
export function plannedRun(position: number, changes: Partial<PlannedRun> = {}): PlannedRun {
  return {
    key: `c1/s${position}/det/0`,
    position,
    configurationKey: "c1",
    configurationLabel: "C1",
    labelGiven: false,
    params: { optimizer: "adam", learningRate: 0.001, layers: [64, 64], model: "mlp", dropout: null },
    seed: position,
    mode: "deterministic",
    arm: "det",
    execution: { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false },
    noise: { init: "fixed", dataOrder: "fixed", augmentation: "fixed", dropout: "fixed", split: "fixed" },
    repeat: 0,
    ...changes,
  };
}

/** `count` runs that differ by seed. */
export function plannedRuns(count: number): PlannedRun[] {
  return Array.from({ length: count }, (_, position) => plannedRun(position));
}

export function newSweep(db: Database, count: number, overrides: Partial<SweepSpecInput> = {}) {
  return createSweep(db, {
    spec: specOf(overrides),
    specDigest: "0".repeat(64),
    analysisPlanDigest: null,
    preset: null,
    deviceClass: "cpu",
    runs: plannedRuns(count),
  });
}

export const workerId = "018f0000-0000-7000-8000-0000000000aa";

/** Claims the next attempt of a run and returns its reference. */
export async function claim(db: Database, runId: string, attempt = 1, leaseMs = 20_000): Promise<AttemptRef> {
  const claimed = await claimRun(db, { runId, attempt, workerId, workerName: "w1", leaseMs });
  if (!claimed.ok) throw new Error(`not claimed: ${claimed.reason}`);
  return claimed.ref;
}

export async function runIds(db: Database, sweepId: string): Promise<string[]> {
  const rows = await db.prisma.run.findMany({ where: { sweepId }, orderBy: { position: "asc" } });
  return rows.map((row) => row.id);
}

/** The id of a sweep's first run. */
export async function firstRun(db: Database, sweepId: string): Promise<string> {
  const [id] = await runIds(db, sweepId);
  if (!id) throw new Error("the sweep has no run");
  return id;
}

export function batchOf(batch: number, parts: Partial<AttemptBatch> = {}): AttemptBatch {
  return {
    batch,
    metrics: [],
    digests: [],
    logs: [],
    tensorDigests: [],
    reductionOrders: [],
    embeddings: [],
    system: [],
    progress: null,
    ...parts,
  };
}

/** One stretch of a series, with wall times that grow by a tenth of a second. */
export function stretch(
  key: string,
  firstStep: number,
  values: number[],
  direction: "maximize" | "minimize" | null = null,
): AttemptBatch["metrics"][number] {
  return {
    key,
    steps: values.map((_, index) => firstStep + index),
    values,
    wallTimes: values.map((_, index) => index / 10),
    direction,
  };
}

export const succeeded = (selectedEpoch: number | null = null) =>
  ({
    status: "succeeded",
    digest: "ab".repeat(32),
    selectedEpoch,
    phases: { train: 1.5 },
    energy: null,
  }) as const;

export const infrastructureFailure = {
  status: "failed",
  error: { kind: "infrastructure", message: "The trainer was killed by SIGKILL.", hint: null },
} as const;

export const userFailure = {
  status: "failed",
  error: { kind: "user", message: "Unknown optimizer sgdd.", hint: "Did you mean sgd?" },
} as const;

export const anyId = () => randomUUID();

/** Waits for a condition that nothing announces; on a busy machine for long. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000, interval: 20 });
