import type { AuditClaim, AuditColumn, AuditTable } from "@reprise/contracts";
import { extremes, mean, type Random, standardDeviation } from "@reprise/statistics";

/** A configuration with its deterministic value and its free repeats, fractions. */
export type Cell = { label: string; optimizer: string; seed: number; det: number; free: number[] };

/** A column whose facts are as a table without any gives them. */
export const column = (
  key: string,
  role: AuditColumn["role"],
  more: Partial<AuditColumn> = {},
): AuditColumn => ({
  key,
  label: "",
  role,
  unit: "none",
  subject: "",
  known: "stated",
  note: "",
  ...more,
});

/** Tables of runs, of counted cases without a prevalence, and of energy with its carbon, rounded from what is known. */
export function printMore(
  cells: readonly Cell[],
  random: Random,
  decimals: number,
): { tables: AuditTable[]; claims: AuditClaim[] } {
  const fraction = (value: number) => value.toFixed(decimals + 2);
  const n = Math.min(...cells.map(({ free }) => free.length));
  const runs: AuditTable = {
    name: "Runs",
    title: "",
    columns: [
      column("name", "identity"),
      ...Array.from({ length: n }, (_, index) => column(`run ${index}`, "run", { unit: "fraction" })),
      ...(["mean", "sd", "min", "max"] as const).map((role) =>
        column(role, role, { unit: "fraction", subject: "runs" }),
      ),
    ].map((each) => ({ ...each, subject: "runs" })),
    rows: cells.map(({ label, free }) => {
      const own = free.slice(0, n);
      return [
        `runs of ${label}`,
        ...own.map(fraction),
        ...[mean(own), standardDeviation(own), ...extremes(own)].map(fraction),
      ];
    }),
  };
  const counted: AuditTable = {
    name: "Counted",
    title: "",
    columns: [
      column("set", "identity"),
      column("accuracy", "accuracy", { unit: "fraction", subject: "counted" }),
      column("sensitivity", "sensitivity", { unit: "fraction", subject: "counted" }),
      column("specificity", "specificity", { unit: "fraction", subject: "counted" }),
      column("cases", "cases"),
    ],
    rows: cells.map((_, index) => {
      const [positives, negatives] = [10 + random.integer(300), 10 + random.integer(300)];
      const [tp, tn] = [random.integer(positives + 1), random.integer(negatives + 1)];
      const all = positives + negatives;
      return [
        `PatchCamelyon, part ${index}`,
        ...[(tp + tn) / all, tp / positives, tn / negatives].map(fraction),
        String(all),
      ];
    }),
  };
  const intensity = 0.1 + 0.5 * random.uniform();
  const carbon: AuditTable = {
    name: "Carbon",
    title: "",
    columns: [
      column("part", "identity"),
      column("kwh", "amount", { unit: "kWh" }),
      column("kg", "amount", { unit: "kgCO2e" }),
    ],
    rows: cells.map((_, index) => {
      const amount = 1 + 100 * random.uniform();
      return [`part ${index}`, amount.toFixed(decimals), (intensity * amount).toFixed(decimals)];
    }),
  };
  const values = cells.flatMap(({ free }) => free.slice(0, n));
  const [low, high] = extremes(values);
  const claims: AuditClaim[] = [
    {
      kind: "span",
      id: "span",
      says: "As computed from the runs.",
      where: "",
      table: "Runs",
      column: "max",
      rows: [],
      absolute: false,
      to: high.toFixed(decimals + 1),
    },
    {
      kind: "span",
      id: "lowest",
      says: "As computed from the runs.",
      where: "",
      table: "Runs",
      column: "min",
      rows: [],
      absolute: true,
      from: fraction(low),
    },
    {
      kind: "size",
      id: "size",
      says: "As published.",
      where: "",
      table: "Counted",
      dataset: "the test set",
      stated: 32_768,
      published: 32_768,
      source: "its authors",
    },
  ];
  return { tables: [runs, counted, carbon], claims };
}
