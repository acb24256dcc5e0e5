import { auditRequest } from "@reprise/contracts";
import { createRandom, extremes, mean, type Random, standardDeviation } from "@reprise/statistics";
import { describe, expect, it } from "vitest";
import { auditTables } from "../audit-tables.js";
import { readAuditRequest } from "./read-request.js";

/** Fixed, so that a failure can be looked at again; printed with the number of rows. */
const seeds = Array.from({ length: 32 }, (_, index) => 1000 + 7 * index);
const rowsPerTable = 10;

type Table = { header: string[]; rows: string[][] };

const pick = <T>(random: Random, options: readonly [T, ...T[]]): T =>
  options[random.integer(options.length)] ?? options[0];

/** Cuts off instead of rounding. */
const cut = (value: number, decimals: number) =>
  (Math.floor(value * 10 ** decimals + 1e-9) / 10 ** decimals).toFixed(decimals);

/** One model on a test set, per row: rates of counted cases, of as many cases as the row says. */
function rates(random: Random): Table {
  const decimals = 1 + random.integer(4);
  const isPercent = random.uniform() < 0.5;
  const print = random.uniform() < 0.7 ? (value: number, d: number) => value.toFixed(d) : cut;
  const share = (value: number) => (isPercent ? print(100 * value, decimals) : print(value, decimals + 1));
  const unit = isPercent ? " (%)" : "";
  const withRates = random.uniform() < 0.6;
  return {
    header: ["Model", `Acc${unit}`, ...(withRates ? [`Sens${unit}`, `Spec${unit}`] : []), "N"],
    rows: Array.from({ length: rowsPerTable }, (_, index) => {
      const [positives, negatives] = [5 + random.integer(3000), 5 + random.integer(3000)];
      const [tp, tn] = [random.integer(positives + 1), random.integer(negatives + 1)];
      const cases = positives + negatives;
      return [
        `model ${index}`,
        share((tp + tn) / cases),
        ...(withRates ? [share(tp / positives), share(tn / negatives)] : []),
        random.uniform() < 0.5 ? String(cases) : cases.toLocaleString("en-US"),
      ];
    }),
  };
}

/** Nine seeds below each other with their mean and SD as a tenth row, in one cell or in two. */
function overSeeds(random: Random): Table {
  const decimals = 1 + random.integer(4);
  const level = 60 + 30 * random.uniform();
  const runs = Array.from({ length: rowsPerTable - 1 }, () => level + 5 * random.uniform());
  const printed = (value: number) => value.toFixed(decimals);
  const n = runs.length;
  const sd = standardDeviation(runs) * (random.uniform() < 0.7 ? 1 : Math.sqrt((n - 1) / n));
  const sign = pick(random, ["±", "+/-", "("]);
  const last =
    sign === "("
      ? `${printed(mean(runs))} (${printed(sd)})`
      : `${printed(mean(runs))} ${sign} ${printed(sd)}`;
  return {
    header: ["Seed", "Accuracy [%]"],
    rows: [
      ...runs.map((value, index) => [String(index), printed(value)]),
      [pick(random, ["Mean ± SD", "Mean", "Average"]), last],
    ],
  };
}

/** Runs in columns beside their mean, SD, extremes and range, with the number of runs. */
function besideRuns(random: Random): Table {
  const decimals = 1 + random.integer(3);
  const n = 2 + random.integer(6);
  const printed = (value: number) => value.toFixed(decimals);
  return {
    header: [
      "Model",
      ...Array.from({ length: n }, (_, index) => `seed ${index}`),
      ...["runs", "mean", "SD", "min", "max", "range"],
    ],
    rows: Array.from({ length: rowsPerTable }, (_, index) => {
      const runs = Array.from({ length: n }, () => 70 + 20 * random.uniform());
      const [low, high] = extremes(runs);
      const figures = [mean(runs), standardDeviation(runs), low, high, high - low];
      return [`model ${index}`, ...runs.map(printed), String(n), ...figures.map(printed)];
    }),
  };
}

/** A deterministic run against repeats, with the relative change, and a mean over repeats of N cases. */
function againstReference(random: Random): Table {
  const decimals = 2 + random.integer(2);
  const n = 3 + random.integer(12);
  const cases = 50 + random.integer(500);
  const printed = (value: number) => value.toFixed(decimals);
  return {
    header: ["Configuration", "runs", "det (%)", "mean (%)", "delta %", "SD", "range"],
    rows: Array.from({ length: rowsPerTable }, (_, index) => {
      const draw = () => (100 * (Math.floor(cases / 2) + random.integer(Math.ceil(cases / 2)))) / cases;
      const runs = Array.from({ length: n }, draw);
      const det = draw();
      const [low, high] = extremes(runs);
      const change = (100 * (det - mean(runs))) / mean(runs);
      return [
        `c${index}`,
        String(n),
        ...[det, mean(runs)].map(printed),
        change.toFixed(3),
        ...[standardDeviation(runs), high - low].map(printed),
      ];
    }),
  };
}

/** Energy and carbon of nine runs and their sum. */
function energy(random: Random): Table {
  const intensity = 0.05 + 0.6 * random.uniform();
  const decimals = 1 + random.integer(3);
  const amounts = Array.from({ length: rowsPerTable - 1 }, () => 5 + 100 * random.uniform());
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const row = (name: string, amount: number) => [
    name,
    amount.toFixed(decimals),
    (intensity * amount).toFixed(decimals),
  ];
  return {
    header: ["Run", "Energy (kWh)", "CO2 (kg)"],
    rows: [...amounts.map((amount, index) => row(`r${index}`, amount)), row("Total", total)],
  };
}

const kinds = [rates, overSeeds, besideRuns, againstReference, energy] as const;

/** The table as somebody might paste it, with emphasis and marks strewn in. */
function pasted({ header, rows }: Table, random: Random): string {
  const format = pick(random, ["csv", "tsv", "markdown", "latex"] as const);
  const dressed = (cell: string, column: number) => {
    if (column === 0 || random.uniform() > 0.2) return cell;
    if (format === "latex") return pick(random, [`\\textbf{${cell}}`, `$${cell}$`, `{\\bf ${cell}}`]);
    return pick(random, [`**${cell}**`, `${cell}*`, `_${cell}_`]);
  };
  const all = [header, ...rows.map((row) => row.map(dressed))];
  if (format === "csv") return all.map((row) => row.map((cell) => `"${cell}"`).join(",")).join("\n");
  if (format === "tsv") return all.map((row) => row.join("\t")).join("\n");
  if (format === "markdown") {
    const lines = all.map((row) => `| ${row.join(" | ")} |`);
    return [lines[0], `|${header.map(() => "---").join("|")}|`, ...lines.slice(1)].join("\n");
  }
  const cells = (row: readonly string[]) =>
    row.map((cell) => cell.replaceAll("%", "\\%").replaceAll("±", "$\\pm$")).join(" & ");
  return `\\begin{tabular}{l${"c".repeat(header.length - 1)}}\n\\toprule\n${cells(header)} \\\\\n\\midrule\n${all
    .slice(1)
    .map((row) => `${cells(row)} \\\\ % a comment`)
    .join("\n")}\n\\bottomrule\n\\end{tabular}`;
}

describe("320 rows that were rounded from what they summarise", () => {
  it("have no false finding, and every cell is understood", () => {
    let rows = 0;
    let checks = 0;
    for (const seed of seeds) {
      const random = createRandom(seed);
      const make = kinds[seed % kinds.length] ?? rates;
      const table = make(random);
      const csv = pasted(table, random);
      const read = readAuditRequest(auditRequest.parse({ tables: [{ name: make.name, csv }] }));
      if (!read.ok) throw new Error(`seed ${seed}: ${JSON.stringify(read.errors)}\n${csv}`);
      const report = auditTables(read.value.tables);
      const where = `seed ${seed}\n${csv}`;
      expect(
        report.findings.map(({ sentence }) => sentence),
        where,
      ).toEqual([]);
      expect(
        read.value.readings.flatMap(({ notUnderstood }) => notUnderstood),
        where,
      ).toEqual([]);
      rows += table.rows.length;
      checks += report.rules.reduce((sum, rule) => sum + rule.checks, 0);
    }
    console.log(`${rows} consistent rows, ${checks} checks, no finding; seeds ${seeds.join(", ")}`);
    expect(rows).toBe(320);
    expect(checks).toBeGreaterThan(600);
  });
});
