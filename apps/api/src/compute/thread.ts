import type { AuditReadingRequest, AuditRequest, ComparisonRequest, Verification } from "@reprise/contracts";
import { connectDatabase, type DatabasePool, type KindOfWork } from "@reprise/database";
import { workerData } from "piscina";
import { z } from "zod";
import type { AnalysisTask } from "../analyses/analyse.js";
import { type CrateTask, importCrate } from "../crates/import-crate.js";
import { type JsonKind, readJson } from "../http/check-json.js";
import { passingProblem } from "../http/passing-failures.js";
import { ProblemError, type ProblemParts } from "../http/problems.js";
import { readYaml } from "../http/read-yaml.js";
import { problemOfRepository } from "../http/repository-problems.js";
import { type LongReport, readLongReport } from "../runs/logged-reports.js";
import { endOf } from "../verifications/verifications.js";
import {
  analysisTexts,
  audit,
  comparisonText,
  type LongStatistic,
  longStatistic,
  readTable,
  type StatisticTask,
  statistic,
} from "./tasks.js";

// Runs in a worker thread of the pool; it has a small connection pool of its own, opened at the first task that reads.

const { databaseUrl, checkAnswers } = z
  .object({ databaseUrl: z.string(), checkAnswers: z.boolean() })
  .parse(workerData);
const pools = new Map<KindOfWork, DatabasePool>();

function database(kind: "analysis" | "import" = "analysis"): DatabasePool {
  const open = pools.get(kind) ?? connectDatabase({ url: databaseUrl, kind, maxConnections: 2 });
  pools.set(kind, open);
  return open;
}

/** What a task came to: errors meant for the client cross the threads as their parts. */
export type ThreadAnswer<T> = { ok: true; value: T } | { ok: false; problem: ProblemParts };

async function answerOf<T>(work: () => T | Promise<T>): Promise<ThreadAnswer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    // Of a failure that passes, too, nothing but its message would cross the threads.
    const told =
      error instanceof ProblemError ? error : (problemOfRepository(error) ?? passingProblem(error));
    if (told === null) throw error;
    return { ok: false, problem: told.parts() };
  }
}

export const runStatistic = (task: StatisticTask) => answerOf(() => statistic(task));

let textOf: ReturnType<typeof analysisTexts> | undefined;

export const runAnalysis = ({ task, revision }: { task: AnalysisTask; revision: string }) =>
  answerOf(() => {
    textOf ??= analysisTexts(database(), checkAnswers);
    return textOf(task, revision);
  });

export const runComparison = (request: ComparisonRequest) =>
  answerOf(() => comparisonText(database(), request, checkAnswers));

export const runVerificationEnd = (verification: Verification) =>
  answerOf(() => endOf(database(), verification));

export const runAudit = (request: AuditRequest) => answerOf(() => audit(request));

export const runReadTable = (request: AuditReadingRequest) => answerOf(() => readTable(request));

export const runCheckJson = ({ text, kind }: { text: string; kind: JsonKind }) =>
  answerOf(() => {
    readJson(text, kind);
  });

export const runLongReport = (task: LongReport) => answerOf(() => readLongReport(database(), task));

export const runLongStatistic = (task: LongStatistic) => answerOf(() => longStatistic(task));

export const runImportCrate = (task: CrateTask) => answerOf(() => importCrate(database("import"), task));

export const runReadYaml = ({ text }: { text: string }) => answerOf(() => readYaml(text));
