import type { Run, Sweep } from "@reprise/contracts";
import { stringify } from "yaml";
import { type ExportedRun, type ExportedRuns, finalsOf, pointTime, runName } from "./exported-run.js";

type StoreFile = { path: string; content: string };

/** What MLflow takes in a name; anything else becomes an underscore. */
const refused = /[^\w\-. :/]/gu;
/** MLflow cuts longer values of parameters. */
const longestValue = 6000;

/** Names as MLflow takes them; two that would be equal are told apart by a number. */
function cleanNames(names: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const clean =
        name
          .replace(refused, "_")
          .replace(/^[./]+/, "_")
          .replaceAll("..", "_.") || "_";
      let free = clean;
      for (let count = 2; taken.has(free); count += 1) free = `${clean}_${count}`;
      taken.add(free);
      return [name, free];
    }),
  );
}

/** As Python prints it: MLflow's parameters are texts, made by `str`. */
function pythonText(value: Run["params"][string]): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value))
    return `[${value.map((item) => (typeof item === "string" ? `'${item}'` : pythonText(item))).join(", ")}]`;
  return String(value);
}

const mlflowNumber = (value: number | string) =>
  value === "NaN" ? "nan" : value === "Infinity" ? "inf" : value === "-Infinity" ? "-inf" : String(value);

/** RUNNING 1, SCHEDULED 2, FINISHED 3, FAILED 4, KILLED 5. */
const statuses: Readonly<Record<Run["status"], number>> = {
  queued: 2,
  running: 1,
  succeeded: 3,
  failed: 4,
  cancelled: 5,
  // MLflow has no word for what a sampler gave up: it was ended from outside.
  pruned: 5,
};

const hexOf = (id: string) => id.replaceAll("-", "");
/** An experiment's number: MLflow makes them of digits. */
const experimentOf = (sweep: Pick<Sweep, "id">) =>
  String(BigInt(`0x${hexOf(sweep.id).slice(0, 14)}`))
    .padStart(18, "1")
    .slice(-18);

function* runFiles(exported: ExportedRun, folder: string, experiment: string): Generator<StoreFile> {
  const { run, series } = exported;
  const id = hexOf(run.id);
  const place = `${folder}/${id}`;
  const start = run.startedAt === null ? Date.parse(run.createdAt) : Date.parse(run.startedAt);
  const meta = {
    artifact_uri: `./${place}/artifacts`,
    end_time: run.endedAt === null ? null : Date.parse(run.endedAt),
    entry_point_name: "",
    experiment_id: experiment,
    lifecycle_stage: "active",
    run_id: id,
    run_name: runName(run),
    run_uuid: id,
    source_name: "",
    source_type: 4,
    source_version: "",
    start_time: start,
    status: statuses[run.status],
    tags: [],
    user_id: "",
  };
  yield {
    path: `${place}/meta.yaml`,
    content: stringify(meta, { defaultStringType: "QUOTE_SINGLE", defaultKeyType: "PLAIN" }),
  };
  yield { path: `${place}/artifacts/.keep`, content: "" };
  const params = { ...run.params, seed: run.seed, arm: run.arm, repeat: run.repeat };
  const paramNames = cleanNames(Object.keys(params));
  for (const [name, value] of Object.entries(params))
    yield {
      path: `${place}/params/${paramNames.get(name)}`,
      content: pythonText(value).slice(0, longestValue),
    };
  const finals = finalsOf(exported);
  const metricNames = cleanNames([...Object.keys(series), ...finals.map(([name]) => name)]);
  for (const [name, { steps, values, wallTimes }] of Object.entries(series)) {
    const lines = steps.map(
      (step, index) =>
        `${pointTime(run, wallTimes[index]) ?? start} ${mlflowNumber(values[index] ?? "NaN")} ${step}\n`,
    );
    yield { path: `${place}/metrics/${metricNames.get(name)}`, content: lines.join("") };
  }
  const end = run.endedAt === null ? start : Date.parse(run.endedAt);
  for (const [name, value] of finals)
    yield { path: `${place}/metrics/${metricNames.get(name)}`, content: `${end} ${mlflowNumber(value)} 0\n` };
  const renamed = Object.fromEntries(
    [...metricNames, ...paramNames].filter(([name, clean]) => name !== clean),
  );
  const tags: Record<string, string> = {
    "mlflow.runName": runName(run),
    "reprise.run": run.id,
    "reprise.configuration": run.configurationLabel,
    ...(Object.keys(renamed).length > 0 ? { "reprise.names": JSON.stringify(renamed) } : {}),
    ...Object.fromEntries([...cleanNames(run.tags)].map(([, clean]) => [clean, ""])),
  };
  for (const [name, value] of Object.entries(tags)) yield { path: `${place}/tags/${name}`, content: value };
}

/**
 * Files of an MLflow file store: `mlruns/<experiment>/<run>/…`. MLflow opens the folder that holds it by `file:./mlruns`; its own
 * `mlflow migrate-filestore` makes a database of it.
 */
export async function* mlflowStore(
  sweep: Pick<Sweep, "id" | "name" | "createdAt">,
  runs: ExportedRuns,
): AsyncGenerator<StoreFile> {
  const experiment = experimentOf(sweep);
  const folder = `mlruns/${experiment}`;
  const created = Date.parse(sweep.createdAt);
  const meta = {
    artifact_location: `./${folder}`,
    creation_time: created,
    experiment_id: experiment,
    last_update_time: created,
    lifecycle_stage: "active",
    name: sweep.name,
  };
  yield {
    path: `${folder}/meta.yaml`,
    content: stringify(meta, { defaultStringType: "QUOTE_SINGLE", defaultKeyType: "PLAIN" }),
  };
  for await (const run of runs) yield* runFiles(run, folder, experiment);
}
