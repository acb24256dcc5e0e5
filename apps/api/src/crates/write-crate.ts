import { PassThrough, Readable } from "node:stream";
import {
  type AnalysisName,
  analysisNames,
  type Claim,
  crateFiles,
  crateLayout,
  runFile,
} from "@reprise/contracts";
import { type ExportedStudy, readCrateRun, runsForAnalysis } from "@reprise/database";
import {
  type CrateFile,
  crateMetadata,
  exportTable,
  reportHtml,
  sha256,
  sortRuns,
  studyClaims,
  studyReport,
} from "@reprise/study";
import { ZipFile } from "yazl";
import { reportInputOf } from "../analyses/reports.js";
import type { ApiContext } from "../context.js";
import { ProblemError } from "../http/problems.js";
import { serverVersion } from "../version.js";

type Entry = {
  path: string;
  type: string;
  description: string;
  /** Made when its turn comes, so that one run at a time is in memory; null leaves the file out. */
  content: () => Promise<string | null>;
};

const json = (value: unknown) => `${JSON.stringify(value)}\n`;
const software = { name: "Reprise", version: serverVersion };

/** An analysis that cannot be made of this study is left out of its archive. */
async function unlessRefused(text: () => Promise<string>): Promise<string | null> {
  return text().catch((error: unknown) => {
    if (error instanceof ProblemError) return null;
    throw error;
  });
}

function entriesOf({ db, compute }: ApiContext, study: ExportedStudy): Entry[] {
  const analysisOf = (name: AnalysisName) =>
    compute.analysis({ sweepId: study.sweep.id, name, metric: undefined, options: {} });
  const { spec, environments, ...rest } = study;
  const { id } = study.sweep;
  const asJson = { type: "application/json" };
  return [
    {
      path: crateFiles.spec,
      ...asJson,
      description: "The sweep spec as it was written: queued again, it repeats the study",
      content: async () => json(spec),
    },
    {
      path: crateFiles.study,
      ...asJson,
      description: "The study with its times, digests, verifications, and what its trainer had announced",
      content: async () => json({ layout: crateLayout, software: `Reprise ${serverVersion}`, ...rest }),
    },
    {
      path: crateFiles.environments,
      ...asJson,
      description: "Fingerprints of the environments that runs were trained in, by their digest",
      content: async () => json(environments),
    },
    ...study.runIds.map((runId) => ({
      path: runFile(runId),
      ...asJson,
      description: "A run: parameters, histories, digest ladder, predictions, recorded orders",
      content: async () => json(await readCrateRun(db, runId)),
    })),
    ...analysisNames.flatMap((name) => [
      {
        path: `analyses/${name}.json`,
        ...asJson,
        description: `The analysis ${name} with its tests and verdicts`,
        content: () => unlessRefused(async () => json(await analysisOf(name))),
      },
      {
        path: `analyses/${name}.csv`,
        type: "text/csv",
        description: `The table of the analysis ${name}`,
        content: () => unlessRefused(async () => exportTable(await analysisOf(name), "csv")),
      },
    ]),
    {
      path: "report.html",
      type: "text/html",
      description: "The report: question, design, results, tests, limits, checklists",
      content: async () => reportHtml(studyReport(await reportInputOf({ db, compute }, id, undefined))),
    },
  ];
}

function metadataOf(study: ExportedStudy, files: readonly CrateFile[], claims: readonly Claim[]): string {
  const { sweep, capabilities } = study;
  return json(
    crateMetadata({
      name: sweep.name,
      description: `A study of reproducibility: ${sweep.totalRuns} trainings with their histories, digests, predictions and analyses. Read it back with "reprise import".`,
      published: new Date().toISOString(),
      started: sweep.startedAt,
      ended: sweep.endedAt,
      software,
      trainer: capabilities ? { name: capabilities.name, version: capabilities.version } : null,
      keywords: sweep.tags,
      files,
      claims,
    }),
  );
}

/**
 * A study that has ended as an RO-Crate in a zip. Files are made as the stream is read; the description, with the digest
 * of each, is the last.
 */
export function writeCrate(context: ApiContext, study: ExportedStudy): Readable {
  const zip = new ZipFile();
  const made: CrateFile[] = [];
  const output = new PassThrough();
  const fail = (error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error)));
  /** The reader went away. */
  const closed = new Promise<void>((resolve) => output.once("close", resolve));
  const options = { mtime: new Date(study.sweep.endedAt ?? study.sweep.createdAt) };

  async function fill(): Promise<void> {
    for (const { path, type, description, content } of entriesOf(context, study)) {
      if (output.destroyed) return;
      const text = await content();
      if (text === null) continue;
      const bytes = Buffer.from(text);
      made.push({ path, type, description, size: bytes.length, sha256: sha256(bytes) });
      const packed = new Promise<void>((resolve) => {
        zip.addReadStreamLazy(path, options, (use) => {
          use(null, Readable.from([bytes], { objectMode: false }).once("end", resolve));
        });
      });
      await Promise.race([packed, closed]);
    }
    const runs = await runsForAnalysis(context.db, study.sweep.id);
    const { used, departed } = sortRuns(runs, null);
    const claims = studyClaims([...used, ...departed]);
    zip.addBuffer(Buffer.from(metadataOf(study, made, claims)), crateFiles.metadata, options);
    zip.end();
  }
  zip.on("error", fail);
  zip.outputStream.pipe(output);
  fill().catch(fail);
  return output;
}
