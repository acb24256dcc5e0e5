import {
  builtInTrainer,
  encodeNumber,
  type MetricSummary,
  type PlannedRun,
  type Predictions,
  type Run,
  run,
  type SweepSpec,
} from "@reprise/contracts";
import type { AnalysisInput } from "../analyses/input.js";
import { analysisPlanDigest, specDigest } from "../design/digests.js";
import { expandSweep } from "../design/expand-sweep.js";

/** A run id that tells which planned run it belongs to. */
const idOf = (position: number) => `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`;

function summaryOf(number: number): MetricSummary {
  const value = encodeNumber(number);
  return {
    count: 1,
    first: value,
    last: value,
    final: null,
    superseded: 0,
    min: value,
    max: value,
    minStep: 1,
    maxStep: 1,
    best: null,
    bestStep: null,
    selected: value,
    nonFinite: typeof value === "number" ? null : { step: 1, value, since: 1 },
  };
}

/** How a planned run ended. */
export type RunEnd = {
  metrics: Record<string, number>;
  digest?: string | null;
  changes?: Partial<Run>;
};

/** A succeeded run of a plan, with the given metrics at its selected epoch. */
export function endedRun(
  planned: Omit<PlannedRun, "labelGiven">,
  { metrics, digest = null, changes = {} }: RunEnd,
): Run {
  const { labelGiven: _, ...facts }: typeof planned & { labelGiven?: boolean } = planned;
  return run.parse({
    ...facts,
    id: idOf(planned.position),
    sweepId: idOf(999),
    purpose: "study",
    sourceRunId: null,
    effectiveParams: planned.params,
    disclosures: [],
    trainer: builtInTrainer,
    dataset: "wdbc",
    status: "succeeded",
    attempt: 1,
    progress: null,
    diverged: null,
    summary: Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, summaryOf(value)])),
    selectedEpoch: 1,
    digest,
    environmentId: "environment-1",
    backendRequested: "auto",
    backendUsed: "wasm",
    workerName: "worker-1",
    createdAt: "2026-01-01T00:00:00.000Z",
    startedAt: "2026-01-01T00:00:01.000Z",
    endedAt: "2026-01-01T00:00:02.000Z",
    durationMs: 1000,
    phases: null,
    energy: null,
    error: null,
    excludedReason: null,
    notes: "",
    tags: [],
    ...changes,
  });
}

/** A study in which every run has ended as `endOf` says. */
export function inputOf(
  spec: SweepSpec,
  endOf: (planned: PlannedRun) => RunEnd,
  more: Partial<AnalysisInput> = {},
): AnalysisInput {
  return {
    sweep: {
      id: idOf(999),
      name: spec.name,
      spec,
      specDigest: specDigest(spec),
      analysisPlanDigest: analysisPlanDigest(spec),
    },
    runs: expandSweep(spec).map((planned) => endedRun(planned, endOf(planned))),
    software: "Reprise test",
    ...more,
  };
}

/** Predictions of a binary test split from a text of decisions: "+" positive, "-" negative; labels alike. */
export function binaryPredictions(labels: string, decisions: string): Predictions {
  return {
    split: "test",
    epoch: 1,
    classes: ["malignant", "benign"],
    positiveClass: 0,
    threshold: 0.5,
    ids: [...labels].map((_, i) => `case-${i}`),
    labels: [...labels].map((sign) => (sign === "+" ? 0 : 1)),
    scores: [...decisions].map((sign) => (sign === "+" ? [0.9, 0.1] : [0.2, 0.8])),
  };
}
