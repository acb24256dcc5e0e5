import {
  type ForeignRun,
  type ImportAnswer,
  type ImportDecisions,
  type ImportPreview,
  type ImportRequest,
  importAnswer,
  type RunOrigin,
} from "@reprise/contracts";
import { type Database, getSweep, importRuns, importRunsTimeoutMs, studyOfOrigins } from "@reprise/database";
import { createTidying } from "@reprise/importers";
import {
  historiesOf,
  inferDesign,
  type PlannedImport,
  type PlannedStudy,
  planAmong,
  planImport,
  specDigest,
} from "@reprise/study";
import { z } from "zod";
import { idempotently, type KeyedRequest } from "../http/idempotency.js";
import { problem } from "../http/problems.js";
import type { ReadRuns } from "./read-runs.js";

/** A request to write what was read, with its key if it has one. */
export type KeyedImport = KeyedRequest & { body: ImportRequest };

/** What is kept of one study under its share of the key. */
const writtenStudy = z.strictObject({
  study: importAnswer.shape.studies.element,
  left: importAnswer.shape.left,
});

/** Metrics that a preview lists, those of most runs first. */
const listedMetrics = 200;

/** What would be imported; nothing is written. */
export async function previewOf(
  db: Database,
  { facts }: ReadRuns,
  decisions: ImportDecisions,
): Promise<ImportPreview> {
  const { proposal } = inferDesign(facts, decisions);
  const metrics = new Map<string, number>();
  let points = 0;
  for (const run of facts.runs)
    for (const [name, { points: own }] of Object.entries(run.metrics)) {
      points += own;
      metrics.set(name, (metrics.get(name) ?? 0) + 1);
    }
  const listed = [...metrics].map(([name, runs]) => ({ name, runs })).toSorted((a, b) => b.runs - a.runs);
  const keys = planImport(facts, decisions).flatMap(({ runs }) => runs.map(({ originKey }) => originKey));
  return {
    format: facts.format,
    found: { runs: facts.runs.length, points, metrics: listed.slice(0, listedMetrics) },
    proposal,
    setAside: facts.setAside,
    warnings: facts.warnings,
    known: await studyOfOrigins(db, keys),
  };
}

function originOf(run: ForeignRun, planned: PlannedImport, remarks: readonly string[]): RunOrigin {
  const isSingle = Object.values(run.metrics).some(({ precision }) => precision === "float32");
  return {
    ...run.source,
    name: run.name,
    status: run.status,
    attempts: run.attempts,
    isOpen: planned.isOpen,
    gitCommit: run.gitCommit,
    host: run.host,
    beside: planned.beside as RunOrigin["beside"],
    artifacts: run.artifacts.slice(0, 200),
    remarks: [
      ...run.remarks,
      ...(run.doubtful === null ? [] : [`Doubtful: ${run.doubtful}`]),
      ...(run.tables.length === 0
        ? []
        : [`Tables of cases were not imported: ${run.tables.map(({ name }) => name).join(", ")}.`]),
      ...remarks,
    ],
    valuesDigest: planned.valuesDigest,
    precision: isSingle ? "float32" : "float64",
  };
}

/** The rest of a run, when its turn comes. */
function completed(study: PlannedStudy, runs: readonly ForeignRun[]) {
  return (planned: PlannedImport) => {
    const run = runs[planned.row];
    if (!run) throw new Error(`Run ${planned.row} was not read`);
    const { series, finals, remarks } = historiesOf(run, study.metricKeys);
    const { held: _held, ...origin } = originOf(run, planned, remarks) as RunOrigin & { held?: boolean };
    return { series, finals, best: study.best, origin, attempts: run.attempts, endedAt: run.endedAt };
  };
}

/** The decisions by which a study was imported before, under those that are given now. */
async function decisionsFor(db: Database, into: string, given: ImportDecisions): Promise<ImportDecisions> {
  const sweep = await getSweep(db, into);
  if (!sweep) throw problem("not-found", `There is no sweep ${into}.`);
  if (!sweep.origin) {
    throw problem(
      "conflict",
      `The study ${JSON.stringify(sweep.name)} was not imported: its runs were made by another design. Leave \`into\` out to begin a study.`,
    );
  }
  const { decisions, design } = sweep.origin;
  const { seed, arm, nuisance } = design;
  return {
    ...decisions,
    seed,
    ...(arm === null ? { arm: null } : decisions.arm ? {} : { arm: { column: arm } }),
    nuisance,
    configuration: undefined,
    ...given,
    commits: "one",
  };
}

/**
 * Writes what was read: one transaction a study. A study that has runs of this source already gets those that are new, by the design
 * that was decided for it. Under an idempotency key each study has its own share of it: the same request again writes those that the
 * first did not come to, and answers as it would have.
 *
 * @throws {ProblemError}
 */
export async function writeStudies(
  db: Database,
  { facts, runs }: ReadRuns,
  asked: KeyedImport,
  onProgress: (written: number, total: number) => void,
): Promise<ImportAnswer> {
  const { decisions: given, into } = asked.body;
  const plans = planImport(facts, given);
  const studies: ImportAnswer["studies"] = [];
  const left: ImportAnswer["left"] = [];
  const total = plans.reduce((sum, plan) => sum + plan.runs.length, 0);
  const tidy = createTidying();
  let before = 0;
  const planFor = async (one: Database, plan: PlannedStudy) => {
    const keys = plan.runs.map(({ originKey }) => originKey);
    const known = into === undefined ? await studyOfOrigins(one, keys) : null;
    const target = into === "new" ? null : (into ?? known?.sweepId ?? null);
    const rows = plan.runs.map(({ row }) => row);
    const study =
      target === null ? plan : replanned(facts, await decisionsFor(one, target, given), rows, plans.length);
    return { target, study };
  };
  const write = async (one: Database, plan: PlannedStudy) => {
    const { target, study } = await planFor(one, plan);
    const written = await importRuns(one, {
      spec: study.spec,
      specDigest: specDigest(study.spec),
      origin: study.origin,
      into: target,
      runs: study.runs,
      planAmong,
      complete: completed(study, runs),
      onProgress: (count) => {
        onProgress(before + count, total);
        tidy();
      },
    });
    return { study: written, left: study.left };
  };
  for (const [part, plan] of plans.entries()) {
    const { body: written } = await idempotently(
      db,
      { ...asked, part },
      201,
      writtenStudy,
      (one) => write(one, plan),
      { timeoutMs: importRunsTimeoutMs },
    );
    before += plan.runs.length;
    studies.push(written.study);
    left.push(...written.left);
  }
  return { studies, left, remarks: plans.flatMap(({ origin }) => origin.unbalanced) };
}

/** The plan anew by other decisions; of several studies that of the same runs. */
function replanned(
  facts: ReadRuns["facts"],
  decisions: ImportDecisions,
  rows: readonly number[],
  studies: number,
): PlannedStudy {
  if (studies === 1) return planImport(facts, decisions)[0] as PlannedStudy;
  const own = { ...facts, runs: rows.flatMap((row) => facts.runs[row] ?? []) };
  const [plan] = planImport(own, decisions);
  if (!plan) throw new Error("No study was planned");
  return { ...plan, runs: plan.runs.map((run) => ({ ...run, row: rows[run.row] ?? run.row })) };
}
