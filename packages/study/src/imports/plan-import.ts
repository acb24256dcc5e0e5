import { createHash } from "node:crypto";
import {
  type Arm,
  canonicalJson,
  clipped,
  type Environment,
  externalTrainer,
  formatLabels,
  type ImportDecisions,
  type ImportFacts,
  metricFacts,
  modeOf,
  noiseSources,
  type PlannedRun,
  type RunError,
  type RunFacts,
  type SweepOrigin,
  type SweepSpec,
  sweepSpec,
} from "@reprise/contracts";
import { configurationKey, runKey } from "../design/digests.js";
import { type ChosenColumns, columnsWith } from "./chosen-columns.js";
import { type InferredDesign, inferDesign } from "./infer-design.js";
import { metricKeysOf } from "./metric-names.js";
import { type Placement, parameterOf, parametersOf } from "./place-runs.js";

/** A run of another tracker as one of a study, all but its histories. */
export type PlannedImport = PlannedRun & {
  /** Its place among the runs that were read. */
  row: number;
  originKey: string;
  status: "succeeded" | "failed" | "cancelled" | "pruned";
  sourceStatus: RunFacts["status"];
  /** It may have gone on since it was read: read again, it is replaced by what it is then. */
  isOpen: boolean;
  error: RunError | null;
  excludedReason: string | null;
  notes: string;
  tags: string[];
  startedAt: string | null;
  environment: Environment["values"] | null;
  beside: Record<string, unknown>;
  valuesDigest: string | null;
};

/** One study of an import, to be written in one transaction. */
export type PlannedStudy = {
  spec: SweepSpec;
  origin: Omit<SweepOrigin, "at">;
  runs: PlannedImport[];
  /** Name in the source → name in the study. */
  metricKeys: Map<string, string>;
  best: { key: string; direction: "maximize" | "minimize" } | null;
  left: { name: string; reason: string }[];
};

const executionOf = (deterministic: boolean): Arm["execution"] =>
  deterministic
    ? { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false }
    : { order: "free", algorithms: "default", autotune: true, tf32: false };

/** By what a run is known again: what the source calls it, else all that it says of itself. */
function originKeyOf({ source, name, params, startedAt }: RunFacts, twin: number): string {
  const identity = source.held
    ? { format: source.format, id: source.id }
    : { format: source.format, name, params, startedAt, ...(twin > 0 ? { twin } : {}) };
  return createHash("sha256").update(canonicalJson(identity)).digest("hex").slice(0, 32);
}

const stopped: Partial<Record<RunFacts["status"], string>> = {
  killed: "The source says that it was killed.",
  crashed: "The source says that it crashed or fell silent.",
  running: "It had not ended when it was read.",
};

function endOf(
  run: RunFacts,
  { unfinished }: ImportDecisions,
): Pick<PlannedImport, "status" | "error" | "notes"> {
  const told = stopped[run.status];
  if (run.status === "failed") {
    const message = run.error ?? "The source says that it failed.";
    return { status: "failed", error: { kind: "user", message, hint: null }, notes: "" };
  }
  // Whatever is kept of others: what a sampler gave up for its values has no result.
  if (run.status === "pruned")
    return { status: "pruned", error: null, notes: "The source says that it was stopped for its values." };
  if (told !== undefined && unfinished !== "keep") return { status: "cancelled", error: null, notes: told };
  return { status: "succeeded", error: null, notes: told ?? "" };
}

function environmentOf({ gitCommit, host }: RunFacts, tracker: string): Environment["values"] | null {
  if (gitCommit === null && host === null) return null;
  return {
    recordedBy: tracker,
    ...(gitCommit === null ? {} : { "git.commit": gitCommit }),
    ...(host === null ? {} : { host }),
  };
}

/** Tags of one word each: what a tracker knows as tags with values stands beside the run. */
const tagsOf = ({ tags }: RunFacts): string[] =>
  Object.entries(tags)
    .filter(([name, value]) => value === true && name.length <= 64)
    .map(([name]) => name)
    .slice(0, 50);

function besideOf(run: RunFacts, chosen: ChosenColumns, row: number): Record<string, unknown> {
  const columns = [...columnsWith(chosen, "nuisance"), ...columnsWith(chosen, "repeat")];
  const tags = Object.entries(run.tags).filter(([, value]) => value !== true);
  return {
    ...parametersOf(columns, row),
    ...Object.fromEntries(tags.map(([name, value]) => [name, parameterOf(value)])),
  };
}

function armsOf({ proposal, placed }: InferredDesign): Arm[] {
  const used = new Set(placed.placements.map(({ arm }) => arm));
  return proposal.arms
    .filter(({ name }) => used.has(name))
    .map(({ name, deterministic }) => {
      const repeats = placed.placements.filter(({ arm }) => arm === name).map(({ repeat }) => repeat + 1);
      return { name, execution: executionOf(deterministic), repeats: Math.max(...repeats) };
    });
}

function specOf(
  design: InferredDesign,
  facts: ImportFacts,
  decisions: ImportDecisions,
  keys: Map<string, string>,
): SweepSpec {
  const { proposal, placed } = design;
  const tracker = formatLabels[facts.format];
  const arms = armsOf(design);
  const configurations = new Set(placed.placements.map(({ configuration }) => configuration)).size;
  const contrasts = [...(configurations > 1 ? ["configuration"] : []), ...(arms.length > 1 ? ["mode"] : [])];
  const metric = proposal.metric && {
    ...proposal.metric,
    key: keys.get(proposal.metric.name) ?? proposal.metric.name,
  };
  const direction = metric?.direction ?? null;
  const isTest = metric !== null && metricFacts(metric.key, []).split === "test";
  const labels = [...keys].flatMap(([name, key]) =>
    name !== key || /^[a-z]+[A-Z]/.test(key)
      ? [[key, { label: clipped(name.trim() || key, 120) }] as const]
      : [],
  );
  const declared = {
    ...Object.fromEntries(labels.slice(0, 400)),
    ...(metric && direction
      ? {
          [metric.key]: {
            ...Object.fromEntries(labels)[metric.key],
            direction,
            ...(metric.at === "best" ? { chosenOn: metricFacts(metric.key, []).split } : {}),
          },
        }
      : {}),
  };
  const drives = decisions.drives;
  return sweepSpec.parse({
    name: decisions.name ?? `Runs from ${tracker}`,
    description: `${placed.placements.length} runs recorded by ${tracker}; Reprise observed none of their training.`,
    trainer: externalTrainer,
    dataset: decisions.dataset ?? "unnamed",
    search: { method: "external" },
    seeds: [...new Set(placed.placements.map(({ seed }) => seed))].slice(0, 10_000),
    ...(arms.length > 0 ? { arms } : {}),
    ...(drives
      ? {
          noise: Object.fromEntries(
            noiseSources.map((source) => [source, drives.includes(source) ? "fixed" : "varied"]),
          ),
        }
      : {}),
    ...(metric && direction && !isTest ? { objective: { metric: metric.key, direction } } : {}),
    ...(metric && contrasts.length > 0 ? { analysisPlan: { primaryMetric: metric.key, contrasts } } : {}),
    ...(Object.keys(declared).length > 0 ? { metrics: declared } : {}),
  });
}

function plannedRun(
  placement: Placement,
  design: InferredDesign,
  {
    spec,
    tracker,
    twin,
    decisions,
  }: { spec: SweepSpec; tracker: string; twin: number; decisions: ImportDecisions },
): PlannedImport {
  const { run, row, seed, arm, repeat, label, leftOut } = placement;
  const { chosen } = design;
  const columns = (["configuration", "bound", "constant"] as const).flatMap((role) =>
    columnsWith(chosen, role),
  );
  const params = parametersOf(columns, row);
  const isDeterministic = design.proposal.arms.find(({ name }) => name === arm)?.deterministic ?? false;
  const execution = executionOf(isDeterministic);
  const end = endOf(run, decisions);
  return {
    ...{ row, params, seed, arm, execution, repeat, position: row },
    ...end,
    key: runKey({ params, seed, arm, repeat }),
    configurationKey: configurationKey(params),
    configurationLabel: clipped(label || "one configuration", 64),
    labelGiven: true,
    mode: modeOf(execution),
    noise: spec.noise,
    originKey: originKeyOf(run, twin),
    sourceStatus: run.status,
    isOpen: run.status === "running" || run.status === "crashed" || run.doubtful !== null,
    excludedReason: end.status === "succeeded" ? leftOut : null,
    tags: tagsOf(run),
    startedAt: run.startedAt,
    environment: environmentOf(run, tracker),
    beside: besideOf(run, chosen, row),
    valuesDigest: run.valuesDigest,
  };
}

function planStudy(facts: ImportFacts, decisions: ImportDecisions, rows: readonly number[]): PlannedStudy {
  const design = inferDesign(facts, decisions);
  const { proposal, chosen, placed } = design;
  const tracker = formatLabels[facts.format];
  const metricKeys = metricKeysOf([...new Set(facts.runs.flatMap(({ metrics }) => Object.keys(metrics)))]);
  const spec = specOf(design, facts, decisions, metricKeys);
  const twins = new Map<string, number>();
  const runs = placed.placements.map((placement) => {
    const base = originKeyOf(placement.run, 0);
    const twin = twins.get(base) ?? 0;
    twins.set(base, twin + 1);
    const planned = plannedRun(placement, design, { spec, tracker, twin, decisions });
    return { ...planned, row: rows[placement.row] ?? placement.row };
  });
  const { metric } = proposal;
  const { seed, arm, configuration, nuisance, bound, unbalanced, unknowable } = proposal;
  const unplacedReason = chosen.seed
    ? "its parameters or its seed are not recorded"
    : "its parameters are not recorded";
  return {
    ...{ spec, runs, metricKeys },
    best:
      metric?.at === "best" && metric.direction
        ? { key: metricKeys.get(metric.name) ?? metric.name, direction: metric.direction }
        : null,
    origin: {
      format: facts.format,
      decisions,
      design: { seed, arm, configuration, nuisance, bound },
      ...{ unbalanced, unknowable },
    },
    left: placed.unplaced.map(({ name }) => ({ name, reason: unplacedReason })),
  };
}

/**
 * The studies that an import comes to: one, or one for each commit where that was decided.
 *
 * @throws UnknownColumnError for a decision about a column that is not there
 */
export function planImport(facts: ImportFacts, decisions: ImportDecisions): PlannedStudy[] {
  const all = facts.runs.map((_, row) => row);
  const commits = [...new Set(facts.runs.map(({ gitCommit }) => gitCommit))];
  if (decisions.commits !== "several" || commits.length < 2) return [planStudy(facts, decisions, all)];
  const name = decisions.name ?? `Runs from ${formatLabels[facts.format]}`;
  return commits.map((commit) => {
    const rows = all.filter((row) => facts.runs[row]?.gitCommit === commit);
    const runs = rows.flatMap((row) => facts.runs[row] ?? []);
    const own = { ...decisions, name: `${name} · ${commit === null ? "no commit" : commit.slice(0, 8)}` };
    return planStudy({ ...facts, runs }, own, rows);
  });
}

/** Runs that come to a study that has some already: repeats and places go on from those that are there. */
export function planAmong(
  runs: readonly PlannedImport[],
  existing: readonly Pick<PlannedRun, "configurationKey" | "seed" | "arm" | "repeat" | "position">[],
): PlannedImport[] {
  const cellOf = ({
    configurationKey: key,
    seed,
    arm,
  }: Pick<PlannedRun, "configurationKey" | "seed" | "arm">) => JSON.stringify([key, seed, arm]);
  const next = new Map<string, number>();
  for (const run of existing) next.set(cellOf(run), Math.max(next.get(cellOf(run)) ?? 0, run.repeat + 1));
  const first = existing.reduce((last, { position }) => Math.max(last, position + 1), 0);
  const order = (a: PlannedImport, b: PlannedImport) =>
    (a.startedAt ?? "") < (b.startedAt ?? "")
      ? -1
      : (a.startedAt ?? "") > (b.startedAt ?? "")
        ? 1
        : a.row - b.row;
  return runs.toSorted(order).map((run, index) => {
    const cell = cellOf(run);
    const repeat = next.get(cell) ?? 0;
    next.set(cell, repeat + 1);
    return { ...run, repeat, position: first + index, key: runKey({ ...run, repeat }) };
  });
}
