import { connectDatabase, type Database } from "@reprise/database";
import { workerData } from "piscina";
import { z } from "zod";
import { ProblemError, type ProblemParts } from "../http/problems.js";
import { type AnalysisTask, analysisText, type StatisticTask, statistic } from "./tasks.js";

// Runs in a worker thread of the pool; it has a small connection pool of its own, opened at the first analysis.

const { databaseUrl } = z.object({ databaseUrl: z.string() }).parse(workerData);
let db: Database | undefined;

/** What a task came to: errors meant for the client cross the threads as their parts. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: ProblemParts };

async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.parts() };
    throw error;
  }
}

export const runStatistic = (task: StatisticTask) => outcomeOf(() => statistic(task));

export const runAnalysis = (task: AnalysisTask) =>
  outcomeOf(() => {
    db ??= connectDatabase({ url: databaseUrl, maxConnections: 2 });
    return analysisText(db, task);
  });
