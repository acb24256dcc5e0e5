import type { ReadersAnalysis, ReadersRow, SweepSpec, Verdict } from "@reprise/contracts";
import { adjustPValues, oneShot, tQuantile } from "@reprise/statistics";
import { cellsOf, known, type Sample } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import {
  type AnalysisInput,
  describeMetric,
  provenanceOf,
  questionNotes,
  runNotes,
  sortRuns,
} from "../input.js";
import { column, tableOf } from "../table.js";
import { counted, degreesText, pText } from "../words.js";
import { groupWords } from "./case-groups.js";
import { figuresOf } from "./classification-runs.js";
import { type Contrast, comparisonOf, scoresOfClass } from "./reader-comparison.js";
import { alignedRuns } from "./sampling.js";

/** More contrasts than this are not made: a table of them is no comparison. */
const mostContrasts = 60;

/** One configuration in one arm: its runs by seed. */
type Side = { key: string; label: string; arm: string; seeds: { seed: number; sample: Sample }[] };

function sidesOf(input: AnalysisInput, runs: ReturnType<typeof sortRuns>["used"]): Side[] {
  const sides = new Map<string, Side>();
  for (const { group, deterministic, others } of cellsOf(input.sweep.spec, runs, "testAccuracy"))
    for (const sample of [deterministic, ...others]) {
      if (!sample) continue;
      const key = JSON.stringify([group.configurationKey, sample.arm]);
      const side = sides.get(key) ?? {
        ...{ key: group.configurationKey, label: group.configurationLabel, arm: sample.arm, seeds: [] },
      };
      side.seeds.push({ seed: group.seed, sample });
      sides.set(key, side);
    }
  return [...sides.values()];
}

/** Arms of one configuration, and configurations in one arm. */
function contrastsOf(sides: readonly Side[]): [Side, Side, ReadersRow["contrast"]][] {
  const pairs = sides.flatMap((a, i) => sides.slice(i + 1).map((b): [Side, Side] => [a, b]));
  return pairs.flatMap(([a, b]): [Side, Side, ReadersRow["contrast"]][] =>
    a.key === b.key ? [[a, b, "mode"]] : a.arm === b.arm ? [[a, b, "configuration"]] : [],
  );
}

/**
 * Readers of both sides. With several seeds a reader is a seed, its repeats averaged: repeats of one seed resemble each other and are no
 * readers of their own. Seeds that both sides have are paired; where they share fewer than two, each side has its own.
 */
function readersOf(a: Side, b: Side, input: AnalysisInput, spec: SweepSpec): Contrast | null {
  const both = a.seeds
    .filter(({ seed }) => b.seeds.some((other) => other.seed === seed))
    .map(({ seed }) => seed);
  const single = a.seeds.length === 1 && b.seeds.length === 1;
  const paired = both.length >= 2;
  const own = (side: Side) =>
    single
      ? (side.seeds[0]?.sample.runs ?? []).map((run) => [run])
      : side.seeds.filter(({ seed }) => !paired || both.includes(seed)).map(({ sample }) => sample.runs);
  let sides = [own(a), own(b)];
  const readers = Math.min(...sides.map(({ length }) => length));
  sides = sides.map((side) => side.slice(0, readers));
  if (readers < 2) return null;
  const aligned = alignedRuns(
    sides.flat(2).map((run) => figuresOf(run, input.predictions?.get(run.id))),
    spec,
  );
  if (!aligned) return null;
  let at = 0;
  const taken = sides.map((side) => side.map((runs) => runs.map(() => at++)));
  return {
    aligned,
    readers: [taken[0] ?? [], taken[1] ?? []],
    design: paired ? "factorial" : "nested",
    reader: single ? "repeat" : "seed",
  };
}

function rowsOf(
  [a, b, contrast]: [Side, Side, ReadersRow["contrast"]],
  input: AnalysisInput,
  spec: SweepSpec,
): ReadersRow[] {
  const given = readersOf(a, b, input, spec);
  if (!given) return [];
  const { aligned, design, reader, readers } = given;
  const binary = aligned.positiveClass !== null && aligned.classes.length === 2;
  const metrics = binary ? (["auc", "sensitivity", "specificity"] as const) : (["accuracy"] as const);
  return metrics.flatMap((metric): ReadersRow[] => {
    const found = comparisonOf(given, metric);
    if (!found) return [];
    const { grouping } = aligned;
    const single = readers.every((side) => side.every((runs) => runs.length === 1));
    const unmodelled =
      metric === "auc" && design === "factorial" && single && !grouping
        ? withoutModel(given, found.df)
        : null;
    return [
      {
        contrast,
        a: { configurationLabel: a.label, arm: a.arm, mean: known(found.means[0]) },
        b: { configurationLabel: b.label, arm: b.arm, mean: known(found.means[1]) },
        ...{ reader, readers: readers[0].length, design, metric },
        difference: known(found.difference),
        low: known(found.interval[0]),
        high: known(found.interval[1]),
        df: known(found.df),
        p: known(found.pvalue),
        adjustedP: null,
        oneShot: unmodelled,
        cases: aligned.ids.length,
        clusters: grouping?.clusters.count ?? null,
        reason: found.reason ?? null,
      },
    ];
  });
}

/**
 * The difference of areas by Gallas' one-shot estimate; null where its variance is not positive. With the degrees of freedom of the
 * analysis beside it: a normal interval of a few readers covers 91 to 93 %.
 */
function withoutModel(contrast: Contrast, df: number): ReadersRow["oneShot"] {
  const [a, b] = contrast.readers.map((side) =>
    side.map((runs) => scoresOfClass(contrast.aligned, runs[0] ?? 0)),
  );
  if (!a || !b) return null;
  const { estimate, variance } = oneShot(
    a.map(({ positives }) => positives),
    a.map(({ negatives }) => negatives),
    { positives: b.map(({ positives }) => positives), negatives: b.map(({ negatives }) => negatives) },
  );
  if (!(variance > 0)) return null;
  const error = Math.sqrt(variance);
  const half = tQuantile(0.975, df) * error;
  return { standardError: known(error), low: known(estimate - half), high: known(estimate + half) };
}

const names = { auc: "AUC", sensitivity: "sensitivity", specificity: "specificity", accuracy: "accuracy" };
const points = (value: ReadersRow["low"]) => (100 * Number(value)).toFixed(2).replace("-", "−");

function verdictOf(row: ReadersRow, grouping: string, hasPlan: boolean): Verdict {
  const { a, b, metric, adjustedP, contrast, readers, reader, design } = row;
  const differs = typeof adjustedP === "number" && adjustedP < 0.05;
  const sides =
    contrast === "mode"
      ? `${a.configurationLabel}: ${a.arm} against ${b.arm}`
      : `${a.configurationLabel} against ${b.configurationLabel} (${a.arm})`;
  const scope =
    reader === "seed"
      ? `for new seeds and new ${grouping}`
      : `for new repeats at this seed and new ${grouping}`;
  return {
    kind: differs ? "pooled-shift" : "pooled-no-shift",
    tone: differs ? "attention" : "neutral",
    sentence: `${sides}: ${names[metric]} differs by ${points(row.difference)} pp [${points(row.low)}, ${points(row.high)}] ${scope} (${differs ? `adjusted ${pText(Number(adjustedP))}` : "no difference is shown, which is not evidence of equality"}).`,
    basis: [
      `Obuchowski and Rockette's analysis with Hillis' degrees of freedom${design === "factorial" ? ", at most 2 (R − 1)," : ""} (${degreesText(Number(row.df))}): ${counted(readers, reader)} a side as readers, ${design === "factorial" ? "the same on both sides" : "each side with its own"}, ${row.cases} cases${row.clusters === null ? "" : ` of ${counted(row.clusters, grouping.replace(/s$/, ""))}`}.`,
      "Unlike DeLong's or McNemar's test of two trained models, it lets both training and test cases vary.",
      `Exploratory: ${hasPlan ? "the analysis plan names other tests" : "the study has no analysis plan"}; Holm over all rows of this analysis.`,
    ],
  };
}

/**
 * Two configurations or two arms compared for other trainings and other patients: multi-reader multi-case analysis in which runs are the
 * readers (Obuchowski & Rockette 1995, Hillis 2007; beside it Gallas 2006, one-shot).
 */
export function readersAnalysis(input: AnalysisInput): ReadersAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric("testAuc", { metrics: input.metrics ?? [] });
  const sorted = sortRuns(input.runs, null, "apart");
  const contrasts = contrastsOf(sidesOf(input, sorted.used));
  const bare = contrasts.slice(0, mostContrasts).flatMap((contrast) => rowsOf(contrast, input, spec));
  const { adjusted } = adjustPValues(bare.map(({ p }) => (typeof p === "number" ? p : Number.NaN)));
  const rows = bare.map((row, i) => ({ ...row, adjustedP: known(adjusted[i]) }));
  const notes = [...runNotes({ sorted, metric }), ...questionNotes(input.predictions)];
  if (contrasts.length > mostContrasts)
    notes.push(`Of ${contrasts.length} contrasts the first ${mostContrasts} are compared.`);
  if (rows.length === 0 && contrasts.length > 0)
    notes.push("A comparison needs two runs on each side with stored test predictions of the same cases.");
  if (rows.some(({ clusters }) => clusters !== null))
    notes.push(
      "Covariances count patients (Obuchowski 1997); the one-shot estimate is for independent cases and not given.",
    );
  const [first] = rows;
  const predictions = first && [...(input.predictions?.values() ?? [])][0];
  const grouping = first?.clusters
    ? groupWords(
        spec.dataset.split.groupBy ?? Object.keys(predictions?.groups ?? { group: [] })[0] ?? "group",
        2,
      )
    : "cases";
  const leading = rows.filter(({ metric: of }) => of === "auc" || of === "accuracy");
  return {
    analysis: "readers",
    provenance: provenanceOf(input, metric, sorted, {
      planned: false,
      method:
        "Runs as readers: Obuchowski and Rockette's analysis with Hillis' degrees of freedom, at most 2 (R − 1) where R readers are the same on both sides, because a few of them would cover too little; with several seeds a reader is a seed, its repeats averaged; covariances of areas by DeLong or, with patients, Obuchowski 1997.",
      correction:
        rows.length > 0
          ? `Holm over ${counted(rows.length, "test")}, exploratory. Intervals are not corrected.`
          : "No test could be made.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        leading.slice(0, 6).map((row) => verdictOf(row, grouping, spec.analysisPlan !== undefined)),
        sorted,
      ),
    ],
    notes,
    table: tableOf<ReadersRow>(
      "Other trainings, other patients: differences of rates",
      [
        column("a", "A", null, "Configuration and arm", ({ a }) => `${a.configurationLabel}, ${a.arm}`),
        column("b", "B", null, "Configuration and arm", ({ b }) => `${b.configurationLabel}, ${b.arm}`),
        column("metric", "Figure", null, "Which figure is compared", (row) => names[row.metric]),
        column("meanA", "Mean A", "fraction", "Mean over readers", ({ a }) => a.mean),
        column("meanB", "Mean B", "fraction", "Mean over readers", ({ b }) => b.mean),
        column("difference", "A − B", "fraction", "Difference of the means", (row) => row.difference),
        column(
          "low",
          "low",
          "fraction",
          "95 % interval for other runs and other cases, lower end",
          (row) => row.low,
        ),
        column("high", "high", "fraction", "Its upper end", (row) => row.high),
        column(
          "df",
          "df",
          null,
          "Degrees of freedom by Hillis, at most 2 (R − 1) where R readers are the same on both sides",
          (row) => row.df,
        ),
        column("p", "p", null, "Two-sided p-value", (row) => row.p),
        column("adjustedP", "adj. p", null, "Holm over all rows", (row) => row.adjustedP),
        column(
          "readers",
          "Readers",
          null,
          "Seeds or repeats a side",
          (row) => `${row.readers} ${row.reader}s, ${row.design === "factorial" ? "paired" : "unpaired"}`,
        ),
        column(
          "oneShot",
          "one-shot",
          null,
          "95 % interval without a model (Gallas 2006), for independent cases",
          ({ oneShot: own }) => own && `${points(own.low)} to ${points(own.high)} pp`,
        ),
        column("reason", "Remark", null, "Why a figure is missing", (row) => row.reason),
      ],
      rows,
    ),
    rows,
  };
}
