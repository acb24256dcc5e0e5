import {
  type AuditReading,
  type AuditReadingRequest,
  type AuditReport,
  type AuditRequest,
  answerSchema,
  type ComparisonRequest,
  comparisonAnswer,
  didYouMean,
  type Parsed,
  parseWith,
  statisticsRequest,
} from "@reprise/contracts";
import type { Database } from "@reprise/database";
import { isStatisticsError, runStatisticalTest, statisticalTestNames } from "@reprise/statistics";
import { auditTables, readAuditRequest, readPastedTable } from "@reprise/study";
import { type AnalysisTask, analyse, keepLoads } from "../analyses/analyse.js";
import { compare } from "../analyses/comparisons.js";
import { type JsonKind, readJson } from "../http/check-json.js";
import { problem } from "../http/problems.js";
import { parsedBody, refusedPart, wireText } from "../http/wire.js";

export type StatisticTask = {
  test: string;
  body: { input: Record<string, unknown>; options: Record<string, unknown> };
};

/** One statistical test on given numbers. @throws {ProblemError} for an unknown test or input that it does not take */
export function statistic({ test, body }: StatisticTask): Record<string, unknown> {
  try {
    return runStatisticalTest(test, body);
  } catch (error) {
    if (!isStatisticsError(error)) throw error;
    if (error.code === "unknown-test") {
      throw problem("not-found", `There is no test ${test}. ${didYouMean(test, statisticalTestNames)}`);
    }
    throw problem("invalid-request", error.message, {
      errors: [{ path: error.field, message: error.message, suggestion: error.remedy }],
    });
  }
}

export type LongStatistic = { test: string; bytes: Uint8Array; kind: JsonKind };

/** The same on numbers that are still to be read. @throws {ProblemError} */
export function longStatistic({ test, bytes, kind }: LongStatistic): Record<string, unknown> {
  const given = readJson(new TextDecoder().decode(bytes), kind);
  const read = parsedBody((data) => parseWith(statisticsRequest, data), given);
  if (!read.ok) throw refusedPart("body", read);
  return statistic({ test, body: read.value });
}

/** Makes analyses of sweeps as they go over the wire, those of one study from one load. @throws {ProblemError} for an unknown sweep or metric */
export function analysisTexts(
  db: Database,
  checksAll: boolean,
): (task: AnalysisTask, revision: string) => Promise<string> {
  const loadOf = keepLoads(db);
  return async (task, revision) =>
    wireText(answerSchema(task.name), await analyse(db, loadOf, task, revision), checksAll);
}

/** A comparison as it goes over the wire. @throws {ProblemError} for an unknown sweep or metric, or a broken filter */
export async function comparisonText(
  db: Database,
  request: ComparisonRequest,
  checksAll: boolean,
): Promise<string> {
  return wireText(comparisonAnswer, await compare(db, request), checksAll);
}

/** The value of a reading. @throws {ProblemError} naming every field of tables that cannot be read */
function readOrRefuse<T>(read: Parsed<T>): T {
  if (read.ok) return read.value;
  const count = read.errors.length;
  throw problem(
    "invalid-request",
    `The tables have ${count === 1 ? "one error" : `${count} errors`}; see "errors".`,
    { errors: read.errors },
  );
}

/** What does not add up in pasted tables. @throws {ProblemError} for tables that cannot be read */
export function audit(request: AuditRequest): AuditReport {
  const { tables, claims, ignoredColumns, readings } = readOrRefuse(readAuditRequest(request));
  return { ...auditTables(tables, claims), ignoredColumns, readings };
}

/** How a pasted table is read. @throws {ProblemError} for one that cannot be read */
export const readTable = (request: AuditReadingRequest): AuditReading =>
  readOrRefuse(readPastedTable(request));
