import type { AuditClaim, AuditTable } from "@reprise/contracts";
import { extremes, mean, oneSampleT, type Random, standardDeviation, sum } from "@reprise/statistics";
import { type Cell, column, printMore } from "./printed-details.js";

/** A study whose every run is known, so that whatever is printed of it is consistent. */
export function study(random: Random, seeds: number, n: number): Cell[] {
  return ["adam", "sgd"].flatMap((optimizer) =>
    Array.from({ length: seeds }, (_, seed) => {
      const level = 0.6 + 0.3 * random.uniform();
      const spread = 0.001 + 0.05 * random.uniform();
      const draw = () => Math.min(0.999, level + spread * (random.uniform() - 0.5));
      return {
        label: `${optimizer}${seed}`,
        optimizer,
        seed,
        det: draw(),
        free: Array.from({ length: n }, draw),
      };
    }),
  );
}

const change = (value: number, base: number) => (100 * (value - base)) / base;
const range = (values: readonly number[]) => {
  const [low, high] = extremes(values);
  return high - low;
};

/** Every kind of table that the rules look at, rounded from one study. */
export function print(
  cells: readonly Cell[],
  random: Random,
  decimals: number,
): { tables: AuditTable[]; claims: AuditClaim[] } {
  const percent = (value: number) => (100 * value).toFixed(decimals);
  const fraction = (value: number) => value.toFixed(decimals + 2);
  const main: AuditTable = {
    name: "Main",
    title: "",
    columns: [
      column("configuration", "identity"),
      column("optimizer", "identity"),
      column("seed", "identity"),
      column("n", "n"),
      column("det", "reference", { unit: "percent" }),
      column("mean", "mean", { unit: "percent" }),
      column("delta", "relativeChange", { unit: "percent", change: { value: "det", base: "mean" } }),
      column("range", "range", { unit: "percent" }),
    ],
    rows: cells.map(({ label, optimizer, seed, det, free }) => [
      label,
      optimizer,
      String(seed),
      String(free.length),
      percent(det),
      percent(mean(free)),
      change(det, mean(free)).toFixed(3),
      percent(range(free)),
    ]),
  };
  const shuffled = [...cells].sort((a, b) => a.seed - b.seed || (random.uniform() < 0.5 ? -1 : 1));
  const detail: AuditTable = {
    name: "Detail",
    title: "",
    columns: [
      column("seed", "identity"),
      column("optimizer", "identity"),
      column("det", "reference", { unit: "fraction" }),
      column("mean", "mean", { unit: "fraction" }),
      column("sd", "sd", { unit: "fraction" }),
      column("min", "min", { unit: "fraction" }),
      column("max", "max", { unit: "fraction" }),
      column("range", "range", { unit: "fraction" }),
    ],
    rows: shuffled.map(({ optimizer, seed, det, free }) => [
      String(seed),
      optimizer,
      ...[det, mean(free), standardDeviation(free), ...extremes(free), range(free)].map(fraction),
    ]),
  };
  const byOptimizer = ["adam", "sgd"].map((optimizer) => {
    const own = cells.filter((cell) => cell.optimizer === optimizer);
    const deltas = own.map(({ det, free }) => Math.abs(change(det, mean(free))));
    const significant = own.filter(({ det, free }) => oneSampleT(free, det).pvalue < 0.05).length;
    const [low, high] = extremes(own.flatMap(({ det, free }) => [det, ...free]));
    return { optimizer, own, delta: mean(deltas), significant, low, high };
  });
  const summary: AuditTable = {
    name: "Summary",
    title: "",
    columns: [
      column("optimizer", "identity"),
      column("lowest", "min", { unit: "percent" }),
      column("highest", "max", { unit: "percent" }),
      column("delta", "aggregate", { unit: "percent", aggregates: { table: "Main", column: "delta" } }),
      column("significant", "significantCount", { tests: "Main" }),
    ],
    rows: byOptimizer.map(({ optimizer, own, delta, significant, low, high }) => [
      optimizer,
      percent(low),
      percent(high),
      delta.toFixed(4),
      `${significant}/${own.length}`,
    ]),
  };
  const positives = 20 + random.integer(200);
  const negatives = 20 + random.integer(200);
  const counts = cells.map(({ label }) => ({
    label,
    tp: Math.ceil(positives / 2) + random.integer(Math.floor(positives / 2)),
    tn: Math.ceil(negatives / 2) + random.integer(Math.floor(negatives / 2)),
  }));
  const all = positives + negatives;
  const rates: AuditTable = {
    name: "Rates",
    title: "",
    columns: [
      column("name", "identity"),
      column("accuracy", "accuracy", {
        unit: "percent",
        chance: 50,
        cases: all,
        prevalence: positives / all,
        subject: "test",
      }),
      column("sensitivity", "sensitivity", { unit: "fraction", subject: "test" }),
      column("specificity", "specificity", { unit: "fraction", subject: "test" }),
    ],
    rows: counts.map(({ label, tp, tn }) => [
      label,
      percent((tp + tn) / all),
      fraction(tp / positives),
      fraction(tn / negatives),
    ]),
  };
  const amounts = cells.map(() => 100 * random.uniform());
  const energy: AuditTable = {
    name: "Energy",
    title: "",
    columns: [column("item", "identity"), column("kwh", "amount", { unit: "kWh" })],
    rows: [
      ...amounts.map((amount, index) => [`part ${index}`, amount.toFixed(decimals)]),
      ["SUM", sum(amounts).toFixed(decimals)],
    ],
  };
  const sdOf = ({ free }: Cell) => standardDeviation(free);
  const [adam, sgd] = byOptimizer.map(({ own }) => own.map(sdOf));
  if (!adam || !sgd) throw new Error("two optimizers");
  const isAbove = mean(adam) > mean(sgd) && extremes(adam)[1] >= extremes(sgd)[1];
  const isBelow = mean(adam) < mean(sgd) && extremes(adam)[1] <= extremes(sgd)[1];
  const facts = { says: "As computed from the runs.", where: "" };
  const claims: AuditClaim[] = [
    { ...facts, id: "range", kind: "meaning", table: "Main", column: "range", meaning: "range" },
    {
      ...facts,
      id: "overhead",
      kind: "atMost",
      table: "Main",
      value: "det",
      base: "mean",
      percent: Math.max(...cells.map(({ det, free }) => change(det, mean(free)))),
    },
    {
      ...facts,
      id: "sum",
      kind: "total",
      table: "Energy",
      terms: [{ table: "Energy", column: "kwh", times: 0.5 }],
      stated: sum(amounts),
      unit: "kWh",
      tolerancePercent: 1,
    },
  ];
  if (isAbove || isBelow)
    claims.push({
      ...facts,
      id: "noisier",
      kind: "comparison",
      table: "Detail",
      columns: ["sd"],
      subject: [{ column: "optimizer", oneOf: ["ADAM"] }],
      against: [{ column: "optimizer", oneOf: ["sgd"] }],
      relation: isAbove ? "above" : "below",
    });
  const more = printMore(cells, random, decimals);
  return {
    tables: [main, detail, summary, rates, energy, ...more.tables],
    claims: [...claims, ...more.claims],
  };
}
