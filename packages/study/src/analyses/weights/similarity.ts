import type { SimilarityAnalysis, SimilarityGroup, Verdict } from "@reprise/contracts";
import { armWords, cellsOf, nameOf } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import { provenanceOf, runNotes, sortRuns } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { counted } from "../words.js";
import { groupOf, type SimilarityInput } from "./similarity-groups.js";

const cosine: MetricWords = {
  key: "lastLayerCosine",
  label: "cosine similarity of last-layer weights",
  unit: "",
  direction: null,
};

/** "0.998", "1 − 3×10⁻⁸": as many digits as tell it from 1. */
function cosineWords(value: number): string {
  if (value === 1) return "1";
  const gap = 1 - value;
  if (gap >= 0.0005) return value.toFixed(3).replace("-", "−");
  return `1 − ${gap.toExponential(0).replace("e-", "×10^−")}`;
}

/** "1.2×10⁻⁷" */
const power = (value: number) =>
  value
    .toExponential(1)
    .replace(/e([+-])(\d+)/, (_, sign, digits) => `×10^${sign === "-" ? "−" : ""}${digits}`);

/** How the distance between runs grew from the first recorded epoch to the last. */
function growthWords({ epochs, distance }: SimilarityGroup): string[] {
  const known = epochs.flatMap((epoch, at) => {
    const value = distance[at];
    return typeof value === "number" && value > 0 ? [{ epoch, value }] : [];
  });
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first === last) return [];
  return [
    `Mean relative distance of two of them: ${power(first.value)} after epoch ${first.epoch}, ${power(last.value)} after epoch ${last.epoch}.`,
  ];
}

function verdictsOf(groups: readonly SimilarityGroup[], input: SimilarityInput): Verdict[] {
  return groups.flatMap((group): Verdict[] => {
    const last = group.epochs.length - 1;
    const [average, least] = [group.mean[last], group.min[last]];
    if (typeof average !== "number" || typeof least !== "number") return [];
    const { spec } = input.sweep;
    const who = `${group.n[last]} ${armWords(spec, group.arm)}`;
    const sentence =
      least === 1
        ? `${nameOf(group.group)}: the last layers of ${who} point in exactly the same direction after epoch ${group.epochs[last]}.`
        : `${nameOf(group.group)}: after epoch ${group.epochs[last]} the last layers of ${who} have a mean cosine of ${cosineWords(average)}, the least similar pair ${cosineWords(least)}.`;
    return [
      {
        kind: "spread",
        tone: "neutral",
        sentence,
        basis: [
          `${counted(((group.n[last] ?? 0) * ((group.n[last] ?? 0) - 1)) / 2, "pair")} of runs that started from the same weights.`,
          ...growthWords(group),
          "Similar weights are neither necessary nor sufficient for similar predictions: see churn.",
        ],
      },
    ];
  });
}

/** What the reader of activations must know. */
function probeNotes(
  groups: readonly SimilarityGroup[],
  { probeEpochsLeftOut = [] }: SimilarityInput,
): string[] {
  const probes = groups.flatMap(({ probe }) => probe ?? []);
  const [first] = probes;
  if (!first) return [];
  const notes = [
    `Activations are those of ${counted(first.cases, "test case")} before the last layer, the same cases in all runs; each unit is centred over the cases before cosine and CKA.`,
  ];
  if (probes.some(({ cases, width }) => width >= cases))
    notes.push(
      "With as many units as cases or more, linear CKA is inflated: compare it between arms, and do not interpret its absolute value.",
    );
  if (probeEpochsLeftOut.length > 0)
    notes.push(
      `Activations of ${counted(probeEpochsLeftOut.length, "epoch")} are recorded but skipped here at even intervals, because there are too many to read at once.`,
    );
  return notes;
}

type Line = { group: SimilarityGroup; epoch: number };

const lastEpoch = ({ epochs, probe }: SimilarityGroup) =>
  Math.max(epochs.at(-1) ?? 0, probe?.epochs.at(-1) ?? 0);

/** Runs compared at an epoch: those that recorded their last layer, or else their activations. */
const runsAt = ({ epochs, n, probe }: SimilarityGroup, epoch: number) =>
  n[epochs.indexOf(epoch)] ?? probe?.n[probe.epochs.indexOf(epoch)] ?? null;

/** A line's value in a series of the last layer's or of the activations' epochs. */
function layerAt({ group, epoch }: Line, key: "mean" | "min" | "distance" | "maxDistance") {
  return group[key][group.epochs.indexOf(epoch)] ?? null;
}
function probeAt({ group: { probe }, epoch }: Line, key: "meanCosine" | "minCosine" | "meanCka" | "minCka") {
  return probe?.[key][probe.epochs.indexOf(epoch)] ?? null;
}

/** Activations that were recorded are not called missing. */
const skipped = ({ epoch }: Line, key: string, { probeEpochsLeftOut = [] }: SimilarityInput) =>
  key.startsWith("probe") && probeEpochsLeftOut.includes(epoch)
    ? "Activations of this epoch were skipped, because there are too many to read at once."
    : null;

/**
 * Figures 2 and 3 of the CUDA-randomness paper from runs: mean and smallest pairwise cosine of the last-layer weights of
 * repeats per epoch, within configuration, seed and arm; cosine and linear CKA of their activations on fixed cases, where these
 * were asked for; and linear CKA of their scores on the test cases. Runs of different
 * seeds are never compared: their units are permuted, and a cosine between them means nothing.
 */
export function similarityAnalysis(input: SimilarityInput): SimilarityAnalysis {
  const { spec } = input.sweep;
  const sorted = sortRuns(input.runs, null, "apart");
  const groups = cellsOf(spec, sorted.used, cosine.key).flatMap((cell) =>
    (cell.deterministic ? [cell.deterministic, ...cell.others] : cell.others)
      .filter(({ runs }) => runs.length > 1)
      .flatMap((sample) => groupOf(cell, sample, input) ?? []),
  );
  const notes = [
    ...runNotes({ sorted, metric: cosine }),
    "Only runs of one seed are compared. Networks of different seeds have their units in a different order, so a cosine between their weights is meaningless.",
  ];
  if (groups.every(({ epochs }) => epochs.length === 0))
    notes.push("No two runs of one configuration, seed and arm recorded their last layer at a common epoch.");
  if (groups.some(({ outputs }) => outputs !== null))
    notes.push(
      "CKA of scores compares the scores of the test cases (cases × classes) at the selected epoch. Last layers are recorded as one vector per epoch, which has no cases over which CKA could be computed.",
    );
  notes.push(...probeNotes(groups, input));
  if (spec.noise.init === "varied")
    notes.push("Initial weights vary between repeats here, so even repeats of one seed have permuted units.");
  const lines = groups.flatMap((group) =>
    [...new Set([...group.epochs, ...(group.probe?.epochs ?? [])])]
      .toSorted((a, b) => a - b)
      .map((epoch): Line => ({ group, epoch })),
  );
  return {
    analysis: "similarity",
    provenance: provenanceOf(input, cosine, sorted, {
      planned: false,
      method:
        "Mean and minimum over pairs of runs of the cosine between flattened last-layer weights, mean and largest relative distance between them, and of cosine and linear CKA between centred activations of fixed cases where recorded, per epoch, within configuration, seed and arm.",
      correction: "Descriptive: no test is made.",
    }),
    verdicts: [...leadingVerdicts(sorted), ...provisional(verdictsOf(groups, input), sorted)],
    notes,
    table: tableOf<Line>(
      "Similarity of last layers between repeats",
      [
        configurationColumn(({ group }) => group.group.configurationLabel),
        column("seed", "Seed", null, "Seed of all random draws", ({ group }) => group.group.seed),
        column("arm", "Arm", null, "How the runs were executed", ({ group }) => group.arm),
        column("epoch", "Epoch", null, "Epoch after which they were taken", ({ epoch }) => epoch),
        column("n", "n", null, "Runs compared", ({ group, epoch }) => runsAt(group, epoch)),
        column("mean", "Mean cosine", null, "Mean over pairs of runs", (line) => layerAt(line, "mean")),
        column("min", "Least cosine", null, "Smallest over pairs of runs", (line) => layerAt(line, "min")),
        column(
          "distance",
          "Mean distance",
          null,
          "Mean over pairs of runs of 2 ‖a − b‖ / (‖a‖ + ‖b‖)",
          (line) => layerAt(line, "distance"),
        ),
        column("maxDistance", "Largest distance", null, "Largest over pairs of runs", (line) =>
          layerAt(line, "maxDistance"),
        ),
        column(
          "probeMean",
          "Mean cosine of activations",
          null,
          "Mean over pairs of runs, of centred activations",
          (line) => probeAt(line, "meanCosine"),
        ),
        column("probeMin", "Least cosine of activations", null, "Smallest over pairs of runs", (line) =>
          probeAt(line, "minCosine"),
        ),
        column("probeCka", "Mean CKA of activations", null, "Mean linear CKA over pairs of runs", (line) =>
          probeAt(line, "meanCka"),
        ),
        column(
          "probeMinCka",
          "Least CKA of activations",
          null,
          "Smallest linear CKA over pairs of runs",
          (line) => probeAt(line, "minCka"),
        ),
        column(
          "outputCka",
          "CKA of scores",
          null,
          "Mean linear CKA of the test scores at the selected epoch, on the row of the last epoch",
          ({ group, epoch }) => (epoch === lastEpoch(group) ? (group.outputs?.meanCka ?? null) : null),
        ),
      ],
      lines,
      (line, key) => skipped(line, key, input),
    ),
    groups,
  };
}
