import { statSync } from "node:fs";
import { join } from "node:path";
import {
  didYouMean,
  type ForeignFormat,
  type ImportAnswer,
  type ImportDecisions,
  type ImportPreview,
} from "@reprise/contracts";
import { type Database, ImportRefusedError } from "@reprise/database";
import { UnreadableSource } from "@reprise/importers";
import { SweepDesignError, UnknownColumnError } from "@reprise/study";
import { ProblemError, problem } from "../http/problems.js";
import { type ReadRuns, readFolder, readRunsFile, runsFile } from "./read-runs.js";
import { type KeyedImport, previewOf, writeStudies } from "./write-studies.js";

/** What is done with the files of one import; what is read stays in memory from one task to the next. */
export type ReaderTasks = {
  preview(as: ForeignFormat | undefined, decisions: ImportDecisions): Promise<ImportPreview>;
  write(request: KeyedImport, onProgress: (written: number, total: number) => void): Promise<ImportAnswer>;
  forget(): void;
};

/** What is meant for whoever asked, as a problem document; anything else as it is. */
function asProblem(error: unknown): unknown {
  if (error instanceof ProblemError) return error;
  if (error instanceof UnreadableSource) return problem("invalid-request", error.message);
  if (error instanceof ImportRefusedError) {
    const type = error.kind === "conflict" ? "conflict" : "invalid-request";
    return problem(type, `${error.message} Nothing was written.`);
  }
  if (error instanceof SweepDesignError)
    return problem("invalid-request", 'The runs make no study; see "errors".', { errors: error.errors });
  if (!(error instanceof UnknownColumnError)) return error;
  const { field, column: value, known } = error;
  const suggestion = didYouMean(value, known);
  return problem("invalid-request", error.message, {
    errors: [{ path: `decisions.${field}`, message: "there is no such column", value, suggestion }],
  });
}

export function createTasks(db: Database, folder: string): ReaderTasks {
  const kept = new Map<string, Promise<ReadRuns>>();
  const runsAs = (as: string | undefined): Promise<ReadRuns> => {
    const key = as ?? "";
    const known = kept.get(key);
    if (known) return known;
    kept.clear();
    const file = join(folder, runsFile);
    const isRunsFile = statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
    const read = isRunsFile ? readRunsFile(file) : readFolder(folder, as);
    kept.set(key, read);
    read.catch(() => kept.delete(key));
    return read;
  };
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asProblem(error);
    }
  };
  return {
    preview: (as, decisions) => told(async () => previewOf(db, await runsAs(as), decisions)),
    write: (request, onProgress) =>
      told(async () => writeStudies(db, await runsAs(request.body.as), request, onProgress)),
    forget: () => kept.clear(),
  };
}
