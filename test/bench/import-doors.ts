/**
 * Holds what comes through each door of an import against what was handed to the programs that wrote the files (a folder with
 * `truth.json`, see `imports.ts`): `reprise import --dry-run --json --full` as it is printed; the runs of a server into which
 * `reprise import --yes` wrote; and those that were uploaded file by file, previewed and written over HTTP, as the page does it. Prints a
 * table: source, runs, points of truth that are found, arms as they ran, and whether the design is the study's.
 *
 *     node --import tsx test/bench/import-doors.ts FOLDER [SOURCE…]
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { prepareProgram } from "@reprise/cli";
import type { ImportAnswer, ImportPreview, ImportProposal, Page, Run, RunMetrics } from "@reprise/contracts";
import { apiAt } from "../support/api.js";
import {
  designFaults,
  foundPoints,
  partnerOf,
  readTruth,
  type TruthRun,
  type TruthSource,
} from "../support/import-truth.js";
import { programVariable } from "../support/program.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

type Design = Pick<ImportProposal, "seed" | "arm" | "configuration" | "constant" | "nuisance">;
type Histories = Record<string, { steps: readonly number[]; values: readonly (number | string)[] }>;
/** A run as a door shows it; `isDeterministic` where the door says so. */
type Seen = { source: { id: string }; name: string; metrics: Histories; isDeterministic?: boolean };
/** `left`: names of runs that the answer says could not be placed. */
type Outcome = { runs: Seen[]; design: Design; left: string[] };

const [folder, ...wanted] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder that holds truth.json");
const { main } = await prepareProgram();
process.env[programVariable] = main;
const truth = readTruth(join(folder, "truth.json"));

const command = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  execFileSync(process.execPath, [main, "import", ...words], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 30,
    stdio: ["ignore", "pipe", "inherit"],
  });

/** What `--dry-run --json --full` prints; integers that no number holds become texts. */
function dryRun(path: string): Outcome {
  const printed = command([path, "--dry-run", "--json", "--full"]);
  const text = printed.replaceAll(/(?<=[:[,]\s*)-?\d{16,}(?=\s*[,}\]])/g, (digits) =>
    Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`,
  );
  const { runs, proposal } = JSON.parse(text) as {
    runs: { sourceId: string | null; name: string; metrics: Histories }[];
    proposal: ImportProposal;
  };
  return {
    design: proposal,
    left: [],
    runs: runs.map(({ sourceId, name, metrics }) => ({ source: { id: sourceId ?? name }, name, metrics })),
  };
}

const data = dataFolder();
const server = await startReprise(["--data", data.path]);
const api = apiAt(server.url);

/** The runs of studies as the server has them. */
async function written({ studies, left }: ImportAnswer): Promise<Pick<Outcome, "runs" | "left">> {
  const runs: Seen[] = [];
  for (const { sweepId } of studies) {
    const { items }: Page<Run> = await api.call(`/runs?sweepId=${sweepId}&limit=1000`);
    for (const { id, mode, origin, summary } of items) {
      const { series }: RunMetrics = await api.metrics(id);
      const finals = Object.entries(summary).flatMap(([name, { final }]) =>
        final === null ? [] : [[name, { steps: [-1], values: [final] }] as const],
      );
      const metrics = { ...Object.fromEntries(finals), ...series };
      runs.push({
        source: { id: origin?.id ?? "" },
        name: origin?.name ?? "",
        metrics,
        isDeterministic: mode === "deterministic",
      });
    }
  }
  return { runs, left: left.map(({ name }) => name) };
}

async function throughCommand(path: string): Promise<Outcome> {
  const printed = command([path, "--yes", "--into", "new", "--json"], { REPRISE_URL: server.url });
  const answer = JSON.parse(printed.trim().split("\n").at(-1) ?? "") as ImportAnswer;
  const { origin } = await api.sweep(answer.studies[0]?.sweepId ?? "");
  const [run] = await api.runs(answer.studies[0]?.sweepId ?? "");
  if (!origin) throw new Error("the study has no origin");
  const { seed, arm, configuration, nuisance, bound } = origin.design;
  const others = new Set([...configuration, ...Object.keys(bound)]);
  const constant = Object.keys(run?.params ?? {}).filter((name) => !others.has(name));
  return { ...(await written(answer)), design: { seed, arm, configuration, nuisance, constant } };
}

async function throughPage(path: string): Promise<Outcome> {
  const { id } = await api.call<{ id: string }>("/imports", {});
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
        statSync(join(path, name)).isFile(),
      )
    : [""];
  for (const name of files) {
    const place = name === "" ? (path.split("/").at(-1) ?? "") : name;
    const { status } = await fetch(
      `${server.url}/api/v1/imports/${id}/files?path=${encodeURIComponent(place)}`,
      {
        method: "PUT",
        headers: { "content-type": "application/octet-stream" },
        body: readFileSync(join(path, name)),
      },
    );
    if (status !== 200) throw new Error(`${place} was answered with ${status}`);
  }
  const { proposal } = await api.call<ImportPreview>(`/imports/${id}/preview`, {});
  const answer = await api.call<ImportAnswer>(`/imports/${id}/studies`, { into: "new" });
  await fetch(`${server.url}/api/v1/imports/${id}`, { method: "DELETE" });
  return { ...(await written(answer)), design: proposal };
}

/**
 * Points that count: of several of one step the last, unless the source itself discards it. Where steps begin anew, the metric `epoch` says
 * where a point lies.
 */
function countingPoints(
  { steps: counted, values, superseded = [] }: TruthRun["metrics"][string],
  epoch: TruthRun["metrics"][string] | undefined,
): string[] {
  const gone = new Set(superseded);
  const beginsAnew = epoch?.values.length === counted.length && counted.lastIndexOf(counted[0] ?? 0) > 0;
  const steps = beginsAnew ? epoch.values : counted;
  const last = new Map<number, number>();
  for (const [index, step] of steps.entries()) if (!gone.has(index)) last.set(step, index);
  return [...last.values()].map((index) => String(values[index]));
}

/** Optuna keeps no name of what it reports: it is the one history beside the trial's value. */
const longest = (metrics: Histories) =>
  Object.values(metrics).toSorted((a, b) => b.values.length - a.values.length)[0];

const textsOf = ({ values }: Histories[string]) => values.map((value) => String(Number(value)));
const pairsOf = ({ steps, values }: Histories[string]) =>
  steps.map((step, index) => `${step} ${Number(values[index])}`);

function row(door: string, { runs, design, left }: Outcome, source: TruthSource): string {
  const training = source.runs.filter(({ study }) => study !== null);
  const isOptuna = source.format.startsWith("optuna");
  const isWritten = door !== "dry run";
  let [found, points, of, arms, ofArms] = [0, 0, 0, 0, 0];
  for (const run of training) {
    const partner = partnerOf(run, runs, source);
    if (partner === undefined) continue;
    found += 1;
    if (partner.isDeterministic !== undefined && run.design && design.arm !== null) {
      ofArms += 1;
      if (partner.isDeterministic === (run.design.arm === "det")) arms += 1;
    }
    for (const [name, history] of Object.entries(run.metrics)) {
      const series = partner.metrics[name] ?? (isOptuna ? longest(partner.metrics) : undefined);
      const truthPoints = isWritten ? countingPoints(history, run.metrics.epoch) : pairsOf(history);
      const read = series === undefined ? [] : isWritten ? textsOf(series) : pairsOf(series);
      // Of a run that went on while its folder was copied, the files hold the beginning.
      of += run.prefixOnly ? read.length : truthPoints.length;
      points += foundPoints(truthPoints, read);
    }
  }
  const held = new Set(training.flatMap(({ params }) => Object.keys(params ?? {})));
  const wrong = designFaults(design, held, source, truth);
  const armWords = ofArms === 0 ? (isWritten ? "not held" : "—") : `${arms} of ${ofArms}`;
  const isRight =
    found + left.length === training.length &&
    runs.length === found &&
    points === of &&
    arms === ofArms &&
    wrong.length === 0;
  if (!isRight) process.exitCode = 1;
  return `| ${source.id} | ${door} | ${found} of ${training.length}${runs.length > found ? ` (and ${runs.length - found} more)` : ""}${left.length > 0 ? `; named as not placeable: ${left.join(", ")}` : ""} | ${points} of ${of} | ${armWords} | ${wrong.join("; ") || "right"} |`;
}

try {
  console.log("| source | door | runs | points of truth found | arms as they ran | design |");
  console.log("|---|---|---|---|---|---|");
  for (const source of truth.sources.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const path = join(folder, source.path);
    console.log(row("dry run", dryRun(path), source));
    console.log(row("command", await throughCommand(path), source));
    console.log(row("HTTP", await throughPage(path), source));
  }
} finally {
  await server.stop();
  data.remove();
}
