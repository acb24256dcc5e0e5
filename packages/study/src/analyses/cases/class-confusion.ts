import type { AnalysisTable, ClassificationRow, SweepSpec } from "@reprise/contracts";
import { confusionMatrix } from "@reprise/statistics";
import { known } from "../cells.js";
import { type ColumnOf, column, tableOf } from "../table.js";
import { counted } from "../words.js";
import { groupingOf } from "./case-groups.js";
import type { RunFigures } from "./classification-runs.js";
import { sampledRate } from "./sampling.js";

type ClassConfusion = NonNullable<ClassificationRow["classConfusion"]>;
type Counted = RunFigures & Required<{ counts: number[][]; cases: number[] }>;

function countedOf(figures: RunFigures): Counted[] {
  const { predictions, decided, confusion } = figures;
  if (!predictions || !decided || confusion) return [];
  const { labels, classes } = predictions;
  const counts = confusionMatrix(labels, decided, classes.length);
  const cases = classes.map((_, k) => labels.filter((label) => label === k).length);
  return [{ ...figures, counts, cases }];
}

/** "9 is most often mistaken for 4: 12 of 89 cases", the largest count off the diagonal; the first where several are as large. */
function mistakeOf(classes: readonly string[], { counts, cases }: Counted): string | null {
  let largest = { count: 0, from: 0, to: 0 };
  for (const [from, row] of counts.entries())
    for (const [to, count] of row.entries())
      if (from !== to && count > largest.count) largest = { count, from, to };
  const { count, from, to } = largest;
  return count === 0
    ? null
    : `${classes[from]} is most often mistaken for ${classes[to]}: ${count} of ${counted(cases[from] ?? 0, "case")}`;
}

/** Share of a class that a run finds, with its interval. */
function recallOf({ predictions, decided }: Counted, k: number, spec: SweepSpec) {
  const grouping = groupingOf(spec, predictions);
  const own = (predictions?.labels ?? []).flatMap((label, i) => (label === k ? [i] : []));
  return sampledRate(
    own.map((i) => (decided?.[i] === k ? 1 : 0)),
    grouping && own.map((i) => grouping.of[i] ?? ""),
  );
}

/**
 * What the runs of a row take each class for where no class is the positive one: counts [class of the case][class it was
 * given] and Wilson intervals of each class's recall for the first run with predictions, beside the range of recall over all of
 * them. Counts of several runs are not added up: they decide the same cases. Null without predictions, and for
 * two classes of which one is positive, which have sensitivity and specificity.
 */
export function classConfusionOf(
  figures: readonly RunFigures[],
  spec: SweepSpec,
): ClassificationRow["classConfusion"] {
  const runs = figures.flatMap(countedOf);
  const [first] = runs;
  const classes = first?.predictions?.classes;
  if (!first || !classes) return null;
  const found = (run: Counted, k: number) => run.counts[k]?.[k] ?? 0;
  return {
    runId: first.run.id,
    classes,
    counts: first.counts,
    undecided: first.cases.map((n, k) => n - (first.counts[k] ?? []).reduce((a, b) => a + b, 0)),
    recall: classes.map((_, k) => ({ ...recallOf(first, k, spec), k: found(first, k) })),
    recallRange: classes.map((_, k) => {
      const recalls = runs.map((run) => found(run, k) / (run.cases[k] ?? 0)).filter(Number.isFinite);
      const ends = recalls.length === 0 ? [Number.NaN] : recalls;
      return { min: known(Math.min(...ends)), max: known(Math.max(...ends)) };
    }),
    mistake: mistakeOf(classes, first),
  };
}

type ClassRow = { row: ClassificationRow; confusion: ClassConfusion; k: number };

/** One line per class of the cases, for export; null where no row has such counts. */
export function classConfusionTable(rows: readonly ClassificationRow[]): AnalysisTable | null {
  const lines = rows.flatMap((row): ClassRow[] => {
    const confusion = row.classConfusion;
    return confusion === null ? [] : confusion.classes.map((_, k) => ({ row, confusion, k }));
  });
  if (lines.length === 0) return null;
  const named = [...new Set(lines.flatMap(({ confusion }) => confusion.classes))];
  const asked = lines.some(({ row }) => row.question !== null);
  const columns: ColumnOf<ClassRow>[] = [
    ...(asked
      ? [column<ClassRow>("question", "Set", null, "Evaluation set", ({ row }) => row.question)]
      : []),
    column("configuration", "Configuration", null, "What varies", ({ row }) => row.group.configurationLabel),
    column("seed", "Seed", null, "Seed of the runs", ({ row }) => row.group.seed),
    column("arm", "Arm", null, "How the runs were executed", ({ row }) => row.arm),
    column("class", "Class", null, "Class of the cases", ({ confusion, k }) => confusion.classes[k] ?? null),
    column(
      "cases",
      "Cases",
      null,
      "Test cases of the class",
      ({ confusion, k }) => confusion.recall[k]?.n ?? null,
    ),
    ...named.map((name) =>
      column<ClassRow>(
        `givenAs_${name}`,
        `as ${name}`,
        null,
        `Cases that the first run gave the class ${name}`,
        ({ confusion, k }) => confusion.counts[k]?.[confusion.classes.indexOf(name)] ?? null,
      ),
    ),
    column(
      "recall",
      "Recall",
      "fraction",
      "Share of the class that the first run finds",
      ({ confusion, k }) => confusion.recall[k]?.estimate ?? null,
    ),
    column(
      "recallLow",
      "low",
      "fraction",
      "95 % Wilson interval of the first run's recall, lower end",
      ({ confusion, k }) => confusion.recall[k]?.low ?? null,
    ),
    column(
      "recallHigh",
      "high",
      "fraction",
      "Its upper end",
      ({ confusion, k }) => confusion.recall[k]?.high ?? null,
    ),
    column(
      "recallMin",
      "Least",
      "fraction",
      "Smallest recall over the runs",
      ({ confusion, k }) => confusion.recallRange[k]?.min ?? null,
    ),
    column(
      "recallMax",
      "Most",
      "fraction",
      "Largest recall over the runs",
      ({ confusion, k }) => confusion.recallRange[k]?.max ?? null,
    ),
  ];
  return tableOf(
    "Which classes the first run of each row confuses with which, on the test split",
    columns,
    lines,
  );
}
