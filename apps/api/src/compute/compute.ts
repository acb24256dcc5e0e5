import type {
  AnalysisAnswers,
  AnalysisName,
  AuditReading,
  AuditReadingRequest,
  AuditReport,
  AuditRequest,
  ComparisonRequest,
  Verification,
} from "@reprise/contracts";
import { analysisRevision, type Database, type VerificationEnd } from "@reprise/database";
import { Piscina } from "piscina";
import type { AnalysisTask } from "../analyses/analyse.js";
import { type CrateTask, checkArchive, type ImportedCrate, importCrate } from "../crates/import-crate.js";
import { type JsonKind, readJson } from "../http/check-json.js";
import { readYaml } from "../http/read-yaml.js";
import { type LongReport, readLongReport } from "../runs/logged-reports.js";
import { endOf } from "../verifications/verifications.js";
import { serverVersion } from "../version.js";
import { cacheTexts } from "./cached-texts.js";
import { createLimited, resultOf } from "./limited.js";
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
import type { ThreadAnswer } from "./thread.js";

/** Where statistics are computed: beside the event loop, so that nobody else waits for somebody's bootstrap. */
export type Compute = {
  statistic(task: StatisticTask): Promise<Record<string, unknown>>;
  analysis<Name extends AnalysisName>(task: AnalysisTask<Name>): Promise<AnalysisAnswers[Name]>;
  /** An analysis as it goes over the wire, made once for everyone who asks until its study changes. */
  analysisText(task: AnalysisTask): Promise<AnalysisText>;
  /** A comparison as it goes over the wire. */
  comparisonText(request: ComparisonRequest): Promise<string>;
  /** How a verification ends whose replica has ended. */
  verificationEnd(verification: Verification): Promise<VerificationEnd>;
  audit(request: AuditRequest): Promise<AuditReport>;
  readTable(request: AuditReadingRequest): Promise<AuditReading>;
  /** Refuses a long text that is no JSON, or would be read as something else than is written. @throws {ProblemError} */
  checkJson(text: string, kind: JsonKind): Promise<void>;
  /** Reads a long report of a run and writes it. Its bytes are the thread's from then on. @throws {ProblemError} */
  longReport(task: LongReport): Promise<unknown>;
  /** A statistical test on numbers that are still to be read. @throws {ProblemError} */
  longStatistic(task: LongStatistic): Promise<Record<string, unknown>>;
  /** The value of a YAML document. */
  readYaml(text: string): Promise<unknown>;
  /** Checks an archived study and writes it. Its bytes are the thread's from then on. @throws {ProblemError} */
  importCrate(task: CrateTask): Promise<ImportedCrate>;
  /** Gives up the archives that are being written: each of them is whole or not at all. */
  stopImports(): Promise<void>;
  close(): Promise<void>;
};

type AnalysisText = {
  /** Equal tags stand for equal texts. */
  tag: string;
  text(): Promise<string>;
};

/** A thread that has had nothing to do for so long gives its memory back. */
const idleTimeoutMs = 10 * 60_000;
const readingIdleMs = 60_000;

/** Input of fewer characters than this is computed before a thread would have been told of it. */
const smallInput = 20_000;

/** Read in some twenty milliseconds. */
const smallYaml = 8_000;

const isSmall = ({ test, body: { input } }: StatisticTask) =>
  !/bootstrap|stochastic|generator/.test(test) &&
  !("generator" in input) &&
  JSON.stringify(input).length < smallInput;

/** Rules of an audit look from rows to other rows: six tables of 1,200 characters each take half a second. */
const smallAudit = 2000;

const isSmallAudit = ({ tables }: AuditRequest) =>
  tables.reduce((sum, { csv }) => sum + csv.length, 0) < smallAudit;

/** Analyses by what makes their texts. */
function analysesBy(db: Database, make: (task: AnalysisTask, revision: string) => Promise<string>) {
  const cached = cacheTexts();
  const analysisText = async (task: AnalysisTask): Promise<AnalysisText> => {
    const revision = await analysisRevision(db, task.sweepId);
    return {
      tag: `${serverVersion}-${revision}`,
      text: () => cached(JSON.stringify(task), revision, () => make(task, revision)),
    };
  };
  return {
    analysisText,
    // A text of ours, made by the answer's own type.
    analysis: async <Name extends AnalysisName>(task: AnalysisTask<Name>): Promise<AnalysisAnswers[Name]> =>
      JSON.parse(await (await analysisText(task)).text()),
  };
}

const archiveGivenUp =
  "The server stops: the archive was written whole or not at all. Send it again; where it was, the answer says so.";

const wholeOrNot = "It was written whole or not at all.";

/**
 * Up to `threads` worker threads: one at once, more when there is work for them. With none, everything is computed where it is
 * asked for: for tests, and for machines with no memory to spare.
 *
 * @param checkAnswers whether what is made is held against its contract
 */
export function createCompute(db: Database, threads: number, checkAnswers: boolean): Compute {
  if (threads === 0) {
    return {
      statistic: async (task) => statistic(task),
      ...analysesBy(db, analysisTexts(db, checkAnswers)),
      comparisonText: (request) => comparisonText(db, request, checkAnswers),
      verificationEnd: (verification) => endOf(db, verification),
      audit: async (request) => audit(request),
      readTable: async (request) => readTable(request),
      checkJson: async (text, kind) => {
        readJson(text, kind);
      },
      longReport: (task) => readLongReport(db, task),
      longStatistic: async (task) => longStatistic(task),
      readYaml: async (text) => readYaml(text),
      importCrate: (task) => importCrate(db, task),
      stopImports: async () => {},
      close: async () => {},
    };
  }
  const program = {
    filename: new URL("./thread-entry.mjs", import.meta.url).href,
    workerData: { databaseUrl: db.url, checkAnswers },
    execArgv: [],
  };
  const pool = new Piscina<unknown, unknown>({
    ...program,
    // The first page of a study does not wait until a thread has read its program.
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: idleTimeoutMs,
  });
  // Of its own, started where it is needed: what a program reports does not wait for somebody's analysis.
  const reading = new Piscina<unknown, unknown>({
    ...{ ...program, minThreads: 0, maxThreads: 1, idleTimeout: readingIdleMs },
  });
  const archives = createLimited(program);
  const reports = createLimited(program);
  // Of its own: a report waits for no bootstrap of somebody else's.
  const statistics = createLimited(program);
  const read = async <T>(name: string, task: object): Promise<T> =>
    resultOf((await reading.run(task, { name })) as ThreadAnswer<T>);
  const run = async <T>(name: string, task: object): Promise<T> =>
    resultOf((await pool.run(task, { name })) as ThreadAnswer<T>);
  return {
    statistic: async (task) => (isSmall(task) ? statistic(task) : run("runStatistic", task)),
    ...analysesBy(db, (task, revision) => run("runAnalysis", { task, revision })),
    comparisonText: (request) => run("runComparison", request),
    verificationEnd: (verification) => run("runVerificationEnd", verification),
    audit: async (request) => (isSmallAudit(request) ? audit(request) : run("runAudit", request)),
    readTable: async (request) =>
      request.csv.length < smallInput ? readTable(request) : run("runReadTable", request),
    readYaml: async (text) => (text.length < smallYaml ? readYaml(text) : read("runReadYaml", { text })),
    checkJson: (text, kind) => read("runCheckJson", { text, kind }),
    importCrate: async (task) => {
      await checkArchive(task.bytes);
      return archives.run<ImportedCrate>("runImportCrate", task, {
        what: "The archive",
        left: wholeOrNot,
        onStop: archiveGivenUp,
      });
    },
    longReport: (task) =>
      reports.run("runLongReport", task, {
        what: "The body",
        left: wholeOrNot,
      }),
    longStatistic: (task) => statistics.run("runLongStatistic", task, { what: "The body", left: "" }),
    stopImports: async () => {
      archives.stop();
      await archives.close();
    },
    close: async () => {
      const limited = [archives, reports, statistics];
      await Promise.all([pool.destroy(), reading.destroy(), ...limited.map((each) => each.close())]);
    },
  };
}
