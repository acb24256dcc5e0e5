import { createReadStream } from "node:fs";
import {
  deepestNesting,
  type ForeignRun,
  type ForeignSeries,
  fieldErrorLine,
  foreignFormat,
  foreignRun,
  foreignRunsHead,
  foreignSeries,
  type ImportFacts,
  jsonNestsDeeper,
  nonFiniteNames,
  parseWith,
} from "@reprise/contracts";
import { createTidying, readForeignRuns, UnreadableSource } from "@reprise/importers";
import { factsOf } from "@reprise/study";
import { z } from "zod";
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
  }).catch((error: unknown) => {
    if (!(error instanceof UnreadableSource)) throw error;
    // Where this server keeps the files is of no use to anybody; why parts of an archive are missing is.
    const reasons = unpacked.slice(0, 3).map(({ file, reason }) => ` ${file} ${reason}.`);
    throw new UnreadableSource(`${error.message.replaceAll(folder, "The files")}${reasons.join("")}`);
  });
  return {
    runs,
    facts: { format, tagsAre, setAside, warnings: [...unpacked, ...warnings], runs: runs.map(factsOf) },
  };
}

/** What is wrong with a line, as its number and reason. */
const wrongLine = (number: number, reason: string) =>
  problem("invalid-request", `Line ${number} of the runs: ${reason}`);

function jsonOf(line: string, number: number): unknown {
  if (jsonNestsDeeper(line)) throw wrongLine(number, `it nests deeper than ${deepestNesting} levels`);
  try {
    return JSON.parse(line);
  } catch {
    throw wrongLine(number, "it is not JSON");
  }
}

function parsedLine<S extends z.ZodType>(schema: S, value: unknown, number: number): z.output<S> {
  const parsed = parseWith(schema, value);
  if (parsed.ok) return parsed.value;
  const [error] = parsed.errors;
  throw wrongLine(number, error ? fieldErrorLine(error) : "unreadable");
}

const nonFinite = new Set<unknown>(nonFiniteNames);
const isStep = (value: unknown) => typeof value === "number" && Number.isInteger(value);
const areNumbers = (values: unknown): values is number[] =>
  Array.isArray(values) && values.every((value) => typeof value === "number");

/** NaN and ±Infinity are texts on the wire; what has none of them stays the array that it is. */
function measuredIn(values: unknown): number[] | null {
  if (areNumbers(values)) return values;
  if (!Array.isArray(values)) return null;
  const isMeasured = values.every((value) => typeof value === "number" || nonFinite.has(value));
  return isMeasured ? values.map(Number) : null;
}

/** Of a history without its points. */
const seriesHead = foreignSeries.pick({ precision: true });

/** A history; its points are looked at one by one, since a schema takes minutes for ten million of them. */
function seriesOf(name: string, given: unknown, number: number): ForeignSeries {
  const wrong = (reason: string) => wrongLine(number, `metrics.${name} ${reason}`);
  if (typeof given !== "object" || given === null) throw wrong("is not a history");
  const { steps, values, times, positions, superseded, ...rest } = given as Record<string, unknown>;
  const { precision } = parsedLine(seriesHead, rest, number);
  const measured = measuredIn(values);
  if (!Array.isArray(steps) || !steps.every(isStep)) throw wrong("has steps that are not whole numbers");
  if (measured === null) throw wrong("has values that are not numbers");
  const beside = Object.entries({ times, positions }).filter(([, own]) => own !== undefined);
  for (const [part, own] of beside) if (!areNumbers(own)) throw wrong(`has ${part} that are not numbers`);
  const lengths = [measured, ...beside.map(([, own]) => own as number[])].map(({ length }) => length);
  if (lengths.some((length) => length !== steps.length))
    throw wrong("has steps and values of different number");
  if (superseded !== undefined && !(areNumbers(superseded) && superseded.every(isStep)))
    throw wrong("has places in superseded that are not whole numbers");
  return {
    steps,
    values: measured,
    precision,
    ...Object.fromEntries(beside),
    ...(superseded ? { superseded } : {}),
  };
}

/** Lists of steps or times that a run has several times become one: of ten thousand runs these are most of the memory. */
function sharedLists(): (list: number[]) => number[] {
  const known: number[][] = [];
  return (list) => {
    const same = known.find(
      (other) => other.length === list.length && other.every((value, index) => value === list[index]),
    );
    if (same) return same;
    if (known.length < 16) known.push(list);
    return list;
  };
}

function runOfLine(line: string, number: number): ForeignRun {
  const value = jsonOf(line, number);
  const given = z.looseObject({ metrics: z.record(z.string(), z.unknown()) });
  const { metrics, ...rest } = parsedLine(given, value, number);
  const run = parsedLine(foreignRun, { ...rest, metrics: {} }, number);
  const shared = sharedLists();
  const histories = Object.entries(metrics).map(([name, given]) => {
    const { steps, times, ...series } = seriesOf(name, given, number);
    return [name, { ...series, steps: shared(steps), ...(times ? { times: shared(times) } : {}) }] as const;
  });
  return { ...run, metrics: Object.fromEntries(histories) };
}

/** Bytes of one line: a run of some millions of points. */
const longestLine = 256 * 2 ** 20;

/** Lines of a file, none longer than can be held: the runtime's own reader ends the process there. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let held = 0;
  let number = 1;
  const keep = (part: Buffer) => {
    parts.push(part);
    held += part.length;
    if (held > longestLine) throw wrongLine(number, `it is longer than ${longestLine / 2 ** 20} MB`);
  };
  const line = () => {
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    held = 0;
    number += 1;
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (held > 0) yield line();
}

/** Reads runs that were read elsewhere and sent line by line. @throws {ProblemError} naming the line */
export async function readRunsFile(file: string): Promise<ReadRuns> {
  let head: z.output<typeof foreignRunsHead> | null = null;
  const runs: ForeignRun[] = [];
  const tidy = createTidying();
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (number % 100 === 0) tidy();
    if (line === "") continue;
    if (head === null) head = parsedLine(foreignRunsHead, jsonOf(line, number), number);
    else runs.push(runOfLine(line, number));
  }
  if (head === null) throw problem("invalid-request", "The first line must say the format of the runs.");
  return { runs, facts: { ...head, runs: runs.map(factsOf) } };
}
