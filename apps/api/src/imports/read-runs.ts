import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import {
  type ForeignRun,
  fieldErrorLine,
  foreignFormat,
  foreignRun,
  foreignRunsHead,
  type ImportFacts,
  parseWith,
} from "@reprise/contracts";
import { readForeignRuns } from "@reprise/importers";
import { factsOf } from "@reprise/study";
import type { z } from "zod";
import { problem } from "../http/problems.js";
import { unpackZips } from "./unpack-zips.js";

/** Runs with their histories, and what a design is inferred from. */
export type ReadRuns = { runs: ForeignRun[]; facts: ImportFacts };

/** Where runs that were read elsewhere are kept, line by line. */
export const runsFile = "runs.reprise.ndjson";

/** Reads what was uploaded. @throws UnreadableSource where nothing in it is known */
export async function readFolder(folder: string, as: string | undefined): Promise<ReadRuns> {
  const unpacked = await unpackZips(folder);
  const { runs, format, tagsAre, setAside, warnings } = await readForeignRuns(folder, {
    as: as === undefined ? undefined : foreignFormat.parse(as),
  });
  return {
    runs,
    facts: { format, tagsAre, setAside, warnings: [...unpacked, ...warnings], runs: runs.map(factsOf) },
  };
}

function parsedLine<S extends z.ZodType>(schema: S, line: string, number: number): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw problem("invalid-request", `Line ${number} of the runs is not JSON.`);
  }
  const parsed = parseWith(schema, value);
  if (parsed.ok) return parsed.value;
  const [error] = parsed.errors;
  throw problem(
    "invalid-request",
    `Line ${number} of the runs: ${error ? fieldErrorLine(error) : "unreadable"}`,
  );
}

/** Reads runs that were read elsewhere and sent line by line. @throws {ProblemError} naming the line */
export async function readRunsFile(file: string): Promise<ReadRuns> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let head: z.output<typeof foreignRunsHead> | null = null;
  const runs: ForeignRun[] = [];
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === "") continue;
    if (head === null) head = parsedLine(foreignRunsHead, line, number);
    else runs.push(parsedLine(foreignRun, line, number));
  }
  if (head === null) throw problem("invalid-request", "The first line must say the format of the runs.");
  return { runs, facts: { ...head, runs: runs.map(factsOf) } };
}
