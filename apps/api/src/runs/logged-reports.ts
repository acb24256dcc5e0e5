import {
  loggedMetricsAnswer,
  loggedObservations,
  loggedObservationsAnswer,
  loggedPredictions,
  loggedPredictionsAnswer,
  type Parsed,
  parseLoggedMetrics,
  parseWith,
} from "@reprise/contracts";
import { type Database, type LeasedAttempt, recordPredictions } from "@reprise/database";
import type { z } from "zod";
import { type JsonKind, readJson } from "../http/check-json.js";
import { idempotently, type KeyedRequest } from "../http/idempotency.js";
import { parsedBody, refusedPart } from "../http/wire.js";
import { attemptOf, logMetrics, logObservations, refuseManyNames } from "./logged-runs.js";

/** One kind of what a run reports of itself: read here, or, where it is long, in a thread. */
export type Report<Body, Answer extends z.ZodType> = {
  parse: (given: unknown) => Parsed<Body>;
  answer: Answer;
  write: (db: Database, ref: LeasedAttempt, body: Body) => Promise<z.output<Answer>>;
};

const report = <Body, Answer extends z.ZodType>(of: Report<Body, Answer>) => of;

export const reports = {
  metrics: report({
    parse: parseLoggedMetrics,
    answer: loggedMetricsAnswer,
    write: async (db, ref, body) => ({ runId: ref.runId, points: await logMetrics(db, ref, body) }),
  }),
  predictions: report({
    parse: (given) => parseWith(loggedPredictions, given),
    answer: loggedPredictionsAnswer,
    write: async (db, ref, body) => {
      await recordPredictions(db, ref, body);
      return { runId: ref.runId, split: body.split, cases: body.ids.length };
    },
  }),
  observations: report({
    parse: (given) => parseWith(loggedObservations, given),
    answer: loggedObservationsAnswer,
    write: logObservations,
  }),
};
export type ReportName = keyof typeof reports;

/** Of which attempt a report is, and the request that brought it. */
export type Reported = { runId: string; attempt: number | null; request: Omit<KeyedRequest, "body"> };

/** Writes a report that has been read. @throws {ProblemError} where the run takes none */
export async function writeReport<Body, Answer extends z.ZodType>(
  db: Database,
  { answer, write }: Report<Body, Answer>,
  { runId, attempt, request }: Reported,
  body: Body,
): Promise<z.output<Answer>> {
  const written = await idempotently(db, { ...request, body }, 200, answer, async (one) =>
    write(one, await attemptOf(one, runId, attempt), body),
  );
  return written.body;
}

export type LongReport = { name: ReportName; bytes: Uint8Array; kind: JsonKind; reported: Reported };

/** Reads a long report and writes it. @throws {ProblemError} for what is no JSON, or not as the contract has it */
export async function readLongReport(db: Database, task: LongReport): Promise<unknown> {
  const { name, bytes, kind, reported } = task;
  const given = readJson(new TextDecoder().decode(bytes), kind);
  if (name === "metrics") await refuseManyNames({ body: given });
  const readAndWrite = <Body, Answer extends z.ZodType>(of: Report<Body, Answer>) => {
    const parsed = parsedBody(of.parse, given);
    if (!parsed.ok) throw refusedPart("body", parsed);
    return writeReport(db, of, reported, parsed.value);
  };
  switch (name) {
    case "metrics":
      return readAndWrite(reports.metrics);
    case "predictions":
      return readAndWrite(reports.predictions);
    case "observations":
      return readAndWrite(reports.observations);
  }
}
