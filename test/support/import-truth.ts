import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ForeignRun, ImportProposal } from "@reprise/contracts";
import { readForeignRuns } from "@reprise/importers";
import { factsOf, inferDesign } from "@reprise/study";
import { z } from "zod";

/** NaN and ±Infinity are texts in the file. */
const value = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]).transform(Number);
const history = z.object({
  steps: z.array(z.number()),
  values: z.array(value),
  superseded: z.array(z.number()).optional(),
});
const truthRun = z.object({
  sourceId: z.string().nullable(),
  /** Null for what is no training run: a parent, a deleted one. */
  study: z.string().nullable(),
  name: z.string(),
  status: z.string().nullable(),
  start: z.number().nullable(),
  end: z.number().nullable(),
  params: z.record(z.string(), z.unknown()).nullable(),
  metrics: z.record(z.string(), history),
  summaryOnly: z.record(z.string(), value).optional(),
  /** Losses that a log holds beside the histories. */
  trainLossInLog: z.object({ epochs: z.array(z.number()), values: z.array(value) }).optional(),
  /** Where the run stands in the study. */
  design: z.object({ seed: z.number(), arm: z.string() }).nullish(),
  /** The files hold the beginning of `metrics` only. */
  prefixOnly: z.boolean().optional(),
});
const design = z.object({ nuisanceParams: z.array(z.string()), constantParams: z.array(z.string()) });
const truthSource = z.object({
  id: z.string(),
  path: z.string(),
  format: z.string(),
  timeTolerance: z.number().optional(),
  /** Name of the seed; null where only names of folders say it. */
  seedParam: z.string().nullable(),
  runs: z.array(truthRun),
});
export type TruthSource = z.infer<typeof truthSource>;
const truthFile = z.object({ study: z.object({ design }), sources: z.array(truthSource) });
export type Truth = z.infer<typeof truthFile>;
export type TruthRun = z.infer<typeof truthRun>;

/** What was handed to the programs, as far as the comparison uses it. Long integers become texts. */
export function readTruth(path: string): Truth {
  const text = readFileSync(path, "utf8").replaceAll(/(?<=[:[,]\s*)-?\d{16,}(?=\s*[,}\]])/g, (digits) =>
    Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`,
  );
  return truthFile.parse(JSON.parse(text));
}

type Part = { found: number; of: number };
export type Comparison = {
  format: string;
  /** What the proposal says that truth does not, or the other way round. */
  proposal: string[];
  runs: Part;
  points: Part;
  params: Part;
  statuses: Part;
  times: Part;
  faults: string[];
};

/** The run of a truth's: by its identity, else by its name where that is unique. */
export function partnerOf<R extends { source: { id: string }; name: string }>(
  run: TruthRun,
  runs: readonly R[],
  truth: TruthSource,
): R | undefined {
  if (run.sourceId !== null) return runs.find(({ source }) => source.id === run.sourceId);
  const equal = runs.filter(({ name }) => name === run.name);
  const among = truth.runs.filter(({ name }) => name === run.name);
  return equal[among.indexOf(run)];
}

const pairs = ({ steps, values }: { steps: readonly number[]; values: readonly number[] }) =>
  steps.map((step, index) => `${step} ${values[index]}`);

/** Points of one history that were found, each used once. */
export function foundPoints(truth: readonly string[], read: readonly string[]): number {
  const left = new Map<string, number>();
  for (const pair of read) left.set(pair, (left.get(pair) ?? 0) + 1);
  let found = 0;
  for (const pair of truth) {
    const count = left.get(pair) ?? 0;
    if (count > 0) found += 1;
    left.set(pair, count - 1);
  }
  return found;
}

const sameValue = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The metric of a truth's name; Optuna keeps no name of what it reports. */
const metricOf = (run: ForeignRun, name: string, isOptuna: boolean) =>
  run.metrics[name] ?? (isOptuna ? Object.values(run.metrics)[0] : undefined);

function compareRun(truth: TruthRun, run: ForeignRun, source: TruthSource, result: Comparison) {
  const say = (what: string) => result.faults.push(`${source.id} ${truth.name}: ${what}`);
  const isOptuna = source.format.startsWith("optuna");
  for (const [name, expected] of Object.entries(truth.metrics)) {
    const series = metricOf(run, name, isOptuna);
    const read = series === undefined ? [] : pairs(series);
    const wanted = pairs(expected);
    const found = foundPoints(wanted, read);
    result.points.of += truth.prefixOnly ? read.length : wanted.length;
    result.points.found += found;
    if (truth.prefixOnly ? found < read.length : found < wanted.length || read.length > wanted.length)
      say(`${name} has ${found} of ${wanted.length} points, and ${read.length} were read`);
    if (expected.superseded !== undefined && !sameValue(expected.superseded, series?.superseded ?? []))
      say(`${name} supersedes ${series?.superseded}, not ${expected.superseded}`);
  }
  const logged = truth.trainLossInLog;
  if (logged !== undefined) {
    const read = run.metrics.Loss;
    const wanted = pairs({ steps: logged.epochs, values: logged.values });
    const found = foundPoints(wanted, read === undefined ? [] : pairs(read));
    result.points.of += wanted.length;
    result.points.found += found;
    if (found < wanted.length) say(`its log has ${found} of ${wanted.length} losses`);
  }
  const extra = Object.keys(run.metrics).filter(
    (name) => truth.metrics[name] === undefined && !(logged !== undefined && /loss$/i.test(name)),
  );
  if (extra.length > 0 && !isOptuna) say(`has metrics that truth has not: ${extra.join(", ")}`);
  for (const [name, expected] of Object.entries(truth.summaryOnly ?? {})) {
    result.points.of += 1;
    if (Object.is(run.summary[name], expected)) result.points.found += 1;
    else say(`final value ${name} is ${run.summary[name]}, not ${expected}`);
  }
  for (const [name, expected] of Object.entries(truth.params ?? {})) {
    result.params.of += 1;
    if (sameValue(expected, run.params[name])) result.params.found += 1;
    else say(`parameter ${name} is ${JSON.stringify(run.params[name])}, not ${JSON.stringify(expected)}`);
  }
  const unknown = Object.keys(run.params).filter((name) => truth.params !== null && !(name in truth.params));
  if (unknown.length > 0) say(`has parameters that truth has not: ${unknown.join(", ")}`);
  if (truth.params === null && Object.keys(run.params).length > 0)
    say("has parameters although none are held");
  if (truth.status !== null) {
    result.statuses.of += 1;
    if (run.status === truth.status) result.statuses.found += 1;
    else
      say(
        `status is ${run.status}, not ${truth.status}${run.doubtful === null ? "" : ` (doubtful: ${run.doubtful})`}`,
      );
  }
  for (const [what, expected, read] of [
    ["start", truth.start, run.startedAt],
    ["end", truth.end, run.endedAt],
  ] as const) {
    if (expected === null) continue;
    result.times.of += 1;
    const seconds = read === null ? Number.NaN : Date.parse(read) / 1000;
    if (Math.abs(seconds - expected) <= (source.timeTolerance ?? 0.5)) result.times.found += 1;
    else say(`${what} is ${read}, not ${new Date(expected * 1000).toISOString()}`);
  }
}

/** Parts that a design gives to columns of the source otherwise than the study was designed. */
export function designFaults(
  {
    seed,
    configuration,
    constant,
    nuisance,
  }: Pick<ImportProposal, "seed" | "configuration" | "constant" | "nuisance">,
  held: ReadonlySet<string>,
  source: TruthSource,
  { study }: Truth,
): string[] {
  const missing = (what: string, wanted: readonly string[], given: readonly string[]) =>
    wanted.filter((name) => held.has(name) && !given.includes(name)).map((name) => `${name} is no ${what}`);
  // A tag is a column under the source's word for tags: `user_attrs.seed`.
  const { seedParam } = source;
  const isTag = seedParam !== null && !held.has(seedParam);
  const wrongSeed =
    seedParam !== null && seed !== seedParam && !(isTag && seed?.endsWith(`.${seedParam}`) === true);
  return [
    ...(wrongSeed ? [`the seed is ${seed}, not ${source.seedParam}`] : []),
    ...missing("constant", study.design.constantParams, constant),
    ...missing("nuisance", study.design.nuisanceParams, nuisance),
    ...missing("configuration", ["optimizer", "lr"], configuration),
  ];
}

/** Reads one source and holds it against what was handed to the program that wrote it. */
export async function compareSource(folder: string, source: TruthSource, truth: Truth): Promise<Comparison> {
  const read = await readForeignRuns(join(folder, source.path));
  const training = source.runs.filter(({ study }) => study !== null);
  const part = () => ({ found: 0, of: 0 });
  const result: Comparison = {
    format: read.format,
    proposal: designFaults(
      inferDesign({ ...read, runs: read.runs.map(factsOf) }).proposal,
      new Set(read.runs.flatMap(({ params }) => Object.keys(params))),
      source,
      truth,
    ),
    runs: { found: 0, of: training.length },
    points: part(),
    params: part(),
    statuses: part(),
    times: part(),
    faults: [],
  };
  if (read.format !== source.format) result.faults.push(`${source.id} was taken for ${read.format}`);
  for (const run of training) {
    const partner = partnerOf(run, read.runs, source);
    if (partner === undefined) {
      result.faults.push(`${source.id} ${run.name} (${run.sourceId}): was not found`);
      continue;
    }
    result.runs.found += 1;
    compareRun(run, partner, source, result);
  }
  if (read.runs.length > training.length)
    result.faults.push(`${source.id} has ${read.runs.length} runs, of which ${training.length} are training`);
  for (const { file, reason } of read.warnings) result.faults.push(`${source.id} warning: ${file} ${reason}`);
  return result;
}
