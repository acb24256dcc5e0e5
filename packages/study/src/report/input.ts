import {
  armsOf,
  type Claim,
  type ClaimSubject,
  type Contradiction,
  type DatasetInfo,
  type Environment,
  type Preset,
  type Provenance,
  type ReportedAnalysis,
  type Run,
  type RunEvidence,
  type StudyReport,
  type Sweep,
  weakestKnown,
} from "@reprise/contracts";
import { sum } from "@reprise/statistics";
import { divergedWords } from "../analyses/diverged.js";
import { metricOf } from "../analyses/input.js";
import { counted } from "../analyses/words.js";
import { studyClaims } from "../claims/study-claims.js";
import { isSplitByProgram, programSplitSentence } from "../evidence/data.js";
import { countEnvironments, type EnvironmentCount } from "../evidence/environments.js";

/** All that a report is made from; the caller has fetched it. */
export type StudyReportInput = {
  sweep: Pick<Sweep, "id" | "name" | "spec" | "specDigest" | "analysisPlanDigest" | "createdAt" | "notes">;
  /** All study runs, whatever their status. */
  runs: readonly Run[];
  /** At least one: its metric is the metric of the report. */
  analyses: readonly ReportedAnalysis[];
  /** Fingerprints of the environments that the runs name. */
  environments: readonly Environment[];
  /** What the records of runs that have ended say of data, weights and predictions, by run id. */
  evidence: ReadonlyMap<string, RunEvidence>;
  /** The preset that the study's document was taken from; null for none, or one that is no longer there. */
  preset: Preset | null;
  /** The data set as its trainer announces it; null when no trainer does. */
  dataset: DatasetInfo | null;
  software: string;
  /** UTC, ISO 8601. */
  generatedAt: string;
};

/** What several parts of a report speak of. */
export type Facts = {
  input: StudyReportInput;
  succeeded: Run[];
  failed: Run[];
  pruned: Run[];
  pending: Run[];
  excluded: Run[];
  configurations: string[];
  seeds: number[];
  arms: ReturnType<typeof armsOf>;
  metric: { key: string; label: string; unit: string; chosenOn: Provenance["metricChosenOn"] } | null;
  /** Repeats of the smallest group in which runs were compared; null when nothing was. */
  fewestRepeats: number | null;
  environmentIds: string[];
  environmentCount: EnvironmentCount;
  isImaging: boolean;
  /** How what is said of the runs that succeeded is known; of all, before one has. */
  claims: readonly Claim[];
};

export function factsOf(input: StudyReportInput): Facts {
  const { sweep, runs, analyses, dataset } = input;
  const included = runs.filter((run) => run.purpose === "study" && run.excludedReason === null);
  const succeeded = included.filter(({ status }) => status === "succeeded");
  const provenance = analyses[0]?.provenance;
  const determinism = analyses.find((analysis) => analysis.analysis === "determinism");
  const sizes = (determinism?.rows ?? []).flatMap(({ others }) => others.map(({ n }) => n));
  return {
    input,
    succeeded,
    failed: included.filter(({ status }) => status === "failed" || status === "cancelled"),
    pruned: included.filter(({ status }) => status === "pruned"),
    pending: included.filter(({ status }) => status === "queued" || status === "running"),
    excluded: runs.filter((run) => run.purpose === "study" && run.excludedReason !== null),
    configurations: [...new Set(runs.map(({ configurationLabel }) => configurationLabel))],
    seeds: [...new Set(runs.map(({ seed }) => seed))].toSorted((a, b) => a - b),
    arms: armsOf(sweep.spec),
    metric: provenance
      ? {
          key: provenance.metric,
          label: provenance.metricLabel,
          unit: provenance.metricUnit,
          chosenOn: provenance.metricChosenOn,
        }
      : null,
    fewestRepeats: sizes.length > 0 ? Math.min(...sizes) : null,
    environmentCount: countEnvironments(
      succeeded,
      new Map(input.environments.map(({ id, values }) => [id, values])),
    ),
    environmentIds: [...new Set(succeeded.flatMap(({ environmentId }) => environmentId ?? []))],
    claims: studyClaims(succeeded.length > 0 ? succeeded : included),
    isImaging: sweep.spec.task !== "classification" || (dataset?.inputShape ?? []).length >= 3,
  };
}

/** The epoch that the figures of the report's metric are of, as in "the last epoch". */
export function epochReported({ input, metric }: Facts): string {
  if (metric?.chosenOn) return `the epoch that was best on the ${metric.chosenOn} data`;
  const { epoch } = input.sweep.spec.selection;
  return epoch === "last" ? "the last epoch" : "the epoch that was best on validation data";
}

/** "requested, not observed"; null where nothing is claimed. */
function howWords({ claims }: Facts, subject: ClaimSubject): string | null {
  const claim = claims.find((each) => each.subject === subject);
  if (!claim) return null;
  if (claim.departs) return `requested, but ${claim.known ?? "reported"} to differ`;
  const { known } = claim;
  return known === "observed" || known === "verified" ? known : `${known ?? "not recorded"}, not observed`;
}

/** A fact with how it is known: "42, 43 (requested, not observed)". */
export function asKnown(facts: Facts, subject: ClaimSubject, words: string): string {
  const how = howWords(facts, subject);
  return how === null ? words : `${words} (${how})`;
}

/** How the settings of the arms are known: by what departs, else by the weakest word for any of them. */
function armsKnown(facts: Facts): string {
  const settings = ["order", "algorithms", "autotune", "tf32"] satisfies ClaimSubject[];
  const claims = facts.claims.filter(({ subject }) => settings.some((setting) => setting === subject));
  const weakest = weakestKnown(claims.map(({ known }) => known));
  const telling = claims.find(({ departs }) => departs) ?? claims.find(({ known }) => known === weakest);
  const how = telling ? howWords(facts, telling.subject) : null;
  return how === null ? "" : `; ${how}`;
}

/** What the record says against itself, as the analysis of determinism has found. */
export function contradictionsIn({ input }: Facts): Contradiction[] {
  return input.analyses.flatMap((analysis) =>
    analysis.analysis === "determinism" ? analysis.contradictions : [],
  );
}

type Fact = StudyReport["design"][number];
const fact = (label: string, value: string): Fact => ({ label, value });

/** A parameter as a reader writes it: 0.01, [64, 64], true. */
const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** Hyperparameters that all configurations share. */
export function sharedParameters({ input: { runs } }: Facts): [string, string][] {
  const [first] = runs;
  if (!first) return [];
  return Object.entries(first.params)
    .filter(([key, value]) => runs.every(({ params }) => shown(params[key]) === shown(value)))
    .map(([key, value]) => [key, shown(value)]);
}

/** What was planned: configurations, seeds, arms, noise, data, decision rules, analysis plan. */
export function designFacts(facts: Facts): Fact[] {
  const { spec, specDigest, analysisPlanDigest } = facts.input.sweep;
  const { train, validation, test, seed, groupBy } = spec.dataset.split;
  const varied = Object.entries(spec.noise).filter(([, state]) => state === "varied");
  const plan = spec.analysisPlan;
  const margins = Object.entries(plan?.margin ?? {}).map(([key, margin]) => `${key} ±${margin}`);
  const parameters = sharedParameters(facts).map(([key, value]) => `${key} ${value}`);
  return [
    fact("Trainer and task", `${spec.trainer}, ${spec.task}`),
    fact(
      "Data set",
      `${facts.input.dataset?.title ?? spec.dataset.name}${
        isSplitByProgram(spec)
          ? `. ${programSplitSentence(spec)}`
          : `; split ${train} / ${validation} / ${test} (train / validation / test) drawn with seed ${seed}${groupBy ? `, whole groups by ${groupBy}` : ""}`
      }`,
    ),
    fact(
      "Configurations",
      `${facts.configurations.length}: ${facts.configurations.slice(0, 30).join("; ")}${facts.configurations.length > 30 ? "; …" : ""}`,
    ),
    ...(parameters.length > 0
      ? [fact("Shared hyperparameters", asKnown(facts, "parameters", parameters.join(", ")))]
      : []),
    fact("Seeds", asKnown(facts, "seed", facts.seeds.join(", "))),
    fact(
      "Arms",
      facts.arms
        .map(
          ({ name, execution, repeats }) =>
            `${name} (${execution.order} order of summation, ${execution.algorithms} algorithms, ${counted(repeats, "repeat")})`,
        )
        .join("; ") + armsKnown(facts),
    ),
    fact(
      "Varied between repeats",
      asKnown(
        facts,
        "noise",
        varied.length > 0 ? varied.map(([source]) => source).join(", ") : "nothing beside execution",
      ),
    ),
    fact(
      "Decision threshold",
      spec.threshold.rule === "fixed" ? `fixed at ${spec.threshold.value}` : spec.threshold.rule,
    ),
    fact("Epoch reported", epochReported(facts)),
    fact(
      "Analysis plan",
      plan
        ? `primary metric ${plan.primaryMetric}; contrasts ${plan.contrasts.join(", ")}; ${margins.length > 0 ? `margins ${margins.join(", ")}` : "no equivalence margin"}; correction ${plan.correction}; α = ${plan.alpha}; digest ${analysisPlanDigest ?? "none"}`
        : "none: every comparison was chosen after seeing results",
    ),
    fact("Order of the runs", `${spec.order}, seed ${spec.orderSeed}`),
    fact("Digest of the specification", specDigest),
  ];
}

const hours = (ms: number) =>
  ms >= 3_600_000 ? `${(ms / 3_600_000).toFixed(2)} h` : `${(ms / 1000).toFixed(1)} s`;

/** Of so many runs that were left out by hand the reasons are listed. */
export const reasonsListed = 20;

/** What happened: how many runs ended how, what was repeated or left out, time, energy. */
export function ranFacts({ input, succeeded, failed, pruned, pending, excluded, metric }: Facts): Fact[] {
  const durations = succeeded.flatMap(({ durationMs }) => durationMs ?? []);
  const energies = succeeded.flatMap(({ energy }) => energy ?? []);
  const retried = input.runs.filter(({ attempt }) => attempt > 1).length;
  const disclosures = [...new Set(input.runs.flatMap((run) => run.disclosures))];
  const workers = [...new Set(succeeded.flatMap(({ workerName }) => workerName ?? []))];
  const backends = [...new Set(succeeded.flatMap(({ backendUsed }) => backendUsed ?? []))];
  const without = metric ? succeeded.filter((run) => metricOf(run, metric.key) === null).length : 0;
  const diverged = divergedWords(succeeded);
  return [
    fact(
      "Runs",
      `${succeeded.length} succeeded, ${failed.length} failed or cancelled, ${pruned.length > 0 ? `${pruned.length} pruned, ` : ""}${pending.length} not ended, ${excluded.length} excluded by hand`,
    ),
    ...excluded
      .slice(0, reasonsListed)
      .map(({ key, excludedReason }) => fact(`Excluded: ${key}`, excludedReason ?? "")),
    ...(diverged === null ? [] : [fact("Divergence", `${diverged}, counted as succeeded`)]),
    ...(without > 0 && metric
      ? [fact("Without the metric", `${counted(without, "run")} ended without ${metric.label}`)]
      : []),
    ...(retried > 0
      ? [fact("Repeated attempts", `${counted(retried, "run")} needed more than one attempt`)]
      : []),
    ...(workers.length > 0 ? [fact("Workers", workers.join(", "))] : []),
    ...(backends.length > 0 ? [fact("Backends", backends.join(", "))] : []),
    ...(durations.length > 0 ? [fact("Training time", `${hours(sum(durations))} in all`)] : []),
    ...(energies.length > 0
      ? [
          fact(
            "Energy",
            `${sum(energies.map(({ kWh }) => kWh)).toPrecision(3)} kWh, ${sum(energies.map(({ gCO2e }) => gCO2e)).toPrecision(3)} g CO2e over ${counted(energies.length, "run")} (${[...new Set(energies.map(({ method }) => method))].join("; ")})`,
          ),
        ]
      : []),
    ...disclosures.map((text) => fact("Disclosed by the trainer", text)),
  ];
}
