import { type AuditRequest, auditRequest } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { auditTables } from "../audit-tables.js";
import { readAuditRequest, readPastedTable } from "./read-request.js";

type Columns = AuditRequest["tables"][number]["columns"];

function read(csv: string, columns?: object) {
  const result = readAuditRequest(auditRequest.parse({ tables: [{ name: "T", csv, columns }] }));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const [table] = result.value.tables;
  const [reading] = result.value.readings;
  if (!table || !reading) throw new Error("nothing read");
  return { table, reading, findings: auditTables(result.value.tables).findings };
}
const roles = (csv: string) =>
  read(csv).reading.columns.map(
    ({ key, role, unit }) => `${key}: ${role}${unit === "none" ? "" : `, ${unit}`}`,
  );

/** One column of accuracies, one cell: what is read of it. */
function cell(text: string) {
  const { table, reading } = read(`m\tacc (%)\nA\t${text}\nB\t88.25\n`, {
    m: "identity",
    "acc (%)": "accuracy",
  } satisfies Columns | object);
  return { row: table.rows[0], remarks: reading.remarks };
}

describe("formats of a pasted table", () => {
  it.each([
    ["commas", "m,Acc (%),N\nA,93.50,228\nB,93.42,228"],
    ["semicolons", "m;Acc (%);N\nA;93,50;228\nB;93,42;228"],
    ["tabs", "m\tAcc (%)\tN\nA\t93.50\t228\nB\t93.42\t228"],
    ["spaces", "m     Acc (%)   N\nA     93.50     228\nB     93.42     228"],
    [
      "markdown",
      "Our results:\n\n| m | Acc (%) | N |\n|:--|--:|---|\n| A | **93.50** | 228 |\n| B | 93.42 | 228 |",
    ],
    ["markdown", "m | Acc (%) | N\n--- | --- | ---\nA | 93.50 | 228\nB | 93.42* | 228"],
    [
      "latex",
      "\\begin{table}[t]\\centering\n\\caption{Ours}\n\\begin{tabular}{l|S[table-format=2.2]c}\n\\hline\nm & Acc (\\%) & $N$ \\\\ \\hline\nA & \\textbf{93.50} & 228 \\\\[2pt] % best & last\nB & 93.42\\,\\% & 228 \\\\ \\hline\n\\end{tabular}\\end{table}",
    ],
    ["markdown", "| m | Acc (%) | N |\n|:-|-:|-:|\n| A | 93.50 | 228 |\n| B | 93.42 | 228 |"],
    ["latex", "m & Acc (\\%) & N \\\\\n\\midrule\nA & $93.50$ & 228 \\\\\nB & {93.42} & 228 \\\\"],
  ])("%s: the impossible accuracy is found, whatever it is written in", (format, csv) => {
    const { reading, findings } = read(csv);
    expect(reading).toMatchObject({ format, rows: 2, notUnderstood: [] });
    expect(findings).toMatchObject([{ rule: "proportion", row: "A", column: "Acc (%)", printed: "93.50" }]);
  });

  it("puts the lines of a header together, and spreads a cell over the rows that it covers", () => {
    const { table, reading } = read(
      "\\begin{tabular}{llcc}\n\\toprule\n & & \\multicolumn{2}{c}{ADAM (\\%)} \\\\\n\\cmidrule(lr){3-4}\nData & Metric & Max & Min \\\\\n\\midrule\n\\multirow{2}{*}{CIFAR-10} & Acc. & 93.57 & 91.11 \\\\\n & F1 & \\textbf{94.20} & \\underline{93.33} \\\\\n\\bottomrule\n\\end{tabular}",
    );
    expect(table.columns.map(({ key }) => key)).toEqual(["Data", "Metric", "ADAM (%) Max", "ADAM (%) Min"]);
    expect(table.rows[1]).toEqual(["CIFAR-10", "F1", "94.20", "93.33"]);
    expect(reading.remarks).toContain("The first 2 lines were taken for the header.");
  });

  it("takes lines of one cell for headings of the lines below, and names them", () => {
    const { findings } = read(
      "| Optimizer | Acc (%) | N |\n|---|---|---|\n| **CIFAR-10** | | |\n| SGD | 93.42 | 228 |\n| Adam | 93.42 | 228 |\n| *SDNET* | | |\n| SGD | 93.50 | 228 |",
    );
    expect(findings).toMatchObject([{ row: "SDNET, SGD" }]);
  });

  it("leaves out a line with cells missing, and says so instead of shifting them", () => {
    const { table, reading } = read("| a | Acc | N |\n|---|---|---|\n| A | 90.0 | 10 |\n| 80.0 | 10 |");
    expect(table.rows).toEqual([
      ["A", "90.0", "10"],
      ["line 4", "(left out)", "(left out)"],
    ]);
    expect(reading.notUnderstood).toEqual([
      {
        row: "line 4",
        column: "",
        text: "80.0 | 10",
        reason: "it has 2 cells, the header 3; the line is left out",
      },
    ]);
  });
});

describe("cells as people write them", () => {
  it.each([
    ["91.2 %", ["A", "91.2"]],
    ["**91.2**", ["A", "91.2"]],
    ["__91.2__ %", ["A", "91.2"]],
    ["91.2*", ["A", "91.2"]],
    ["91.20†", ["A", "91.20"]],
    ["91.2<sup>a</sup>", ["A", "91.2"]],
    ["$91.2^{*}$", ["A", "91.2"]],
    ["\\textbf{91.2}", ["A", "91.2"]],
    ["\\textbf{\\underline{91.2}}", ["A", "91.2"]],
    ["91.2 ± 0.3", ["A", "91.2", "0.3"]],
    ["91.2±0.3 %", ["A", "91.2", "0.3"]],
    ["(91.2 ± 0.3) %", ["A", "91.2", "0.3"]],
    ["91.2 +/- 0.3", ["A", "91.2", "0.3"]],
    ["91.2 +- 0.3", ["A", "91.2", "0.3"]],
    ["$91.2 \\pm 0.3$", ["A", "91.2", "0.3"]],
    ["91.2\\%$\\pm$0.3\\%", ["A", "91.2", "0.3"]],
    ["**91.2 ± 0.3**", ["A", "91.2", "0.3"]],
    ["91.2 (0.3)", ["A", "91.2", "0.3"]],
    ["91.2 (±0.3)", ["A", "91.2", "0.3"]],
    ["91.2(3)", ["A", "91.2", "0.3"]],
    ["91.2 (90.1–92.3)", ["A", "91.2", "90.1", "92.3"]],
    ["91.2 [90.1, 92.3]", ["A", "91.2", "90.1", "92.3"]],
    ["91.2 (95% CI 90.1 to 92.3)", ["A", "91.2", "90.1", "92.3"]],
    ["91.2 (90.1--92.3)", ["A", "91.2", "90.1", "92.3"]],
    ["$91.2_{\\pm 0.3}$", ["A", "91.2", "0.3"]],
    ["91.2\\tnote{a}", ["A", "91.2"]],
    ["91.2 (208/228)", ["A", "91.2", "208", "228"]],
    ["208/228 (91.2 %)", ["A", "91.2", "208", "228"]],
    ["n/a", ["A", ""]],
    ["—", ["A", ""]],
  ])("%s", (text, row) => {
    expect(cell(text).row).toEqual(row);
  });

  it("says what brackets and ± are read as", () => {
    expect(cell("91.2 (0.3)").remarks).toEqual([
      "acc (%): the number in brackets is read as a standard deviation (1 cell).",
    ]);
    expect(cell("91.2 (+0.3)").remarks).toEqual([
      "acc (%): a signed number in brackets is read as a change and is not checked (1 cell).",
    ]);
    expect(read("m,Acc (SE)\nA,91.2 (0.3)\nB,90.2 (0.4)").reading.remarks[0]).toMatch(
      /not a standard deviation, by the header/,
    );
  });

  it.each([
    ["10²", "the raised figure may be a power or a footnote"],
    ["< 90", "a bound or an approximation, not a value"],
    ["see text", "not a number"],
    ["1,234", "its commas, points or spaces can be read in more than one way"],
    ["91.2 (7)", "what stands in brackets; 91.2 is read as the value"],
  ])("%s is not understood, and said by row and column", (text, reason) => {
    const { reading } = read(`m\tacc (%)\nA\t${text}\nB\t90\n`);
    expect(reading.notUnderstood).toEqual([{ row: "line 2 (A)", column: "acc (%)", text, reason }]);
  });

  it("tells decimal commas from thousands by the rest of the table", () => {
    const rows = (csv: string) => read(csv).table.rows;
    expect(rows("m;acc;N\nA;91,2;1.234\nB;0,912;567")).toEqual([
      ["A", "91.2", "1234"],
      ["B", "0.912", "567"],
    ]);
    expect(rows('m,acc,N\nA,91.2,"32,768"\nB,90.5,"1 234 567"\nC,90,12\'345')).toEqual([
      ["A", "91.2", "32768"],
      ["B", "90.5", "1234567"],
      ["C", "90", "12345"],
    ]);
    expect(rows("m & acc & N \\\\ \\hline A & 91.2 & 32{,}768 \\\\ B & 90.1 & 32\\,768 \\\\")).toEqual([
      ["A", "91.2", "32768"],
      ["B", "90.1", "32768"],
    ]);
  });
});

describe("columns of a pasted table", () => {
  it("are guessed from headers as people write them, units in brackets", () => {
    expect(
      roles(
        "Model,Acc (%),Sens,Spec,N,AUC,F1 [%],TPR,TNR,Recall,Precision (%)\nA,91.2,0.9,0.8,100,0.95,90.1,0.9,0.8,0.9,88.1",
      ),
    ).toEqual([
      "Model: identity",
      "Acc (%): accuracy, percent",
      "Sens: sensitivity, fraction",
      "Spec: specificity, fraction",
      "N: cases",
      "AUC: score, fraction",
      "F1 [%]: score, percent",
      "TPR: sensitivity, fraction",
      "TNR: specificity, fraction",
      "Recall: sensitivity, fraction",
      "Precision (%): score, percent",
    ]);
  });

  it("take no unit from the level of an interval, and figures below a row of means for figures", () => {
    expect(roles("m\tAUROC (95% CI)\nA\t0.95 (0.93–0.97)")).toContain("AUROC (95% CI): score, fraction");
    expect(read("Data | ResNet\n---|---\nCIFAR | 93.5\nSVHN | 97.0\nAvg | 96.3").findings).toMatchObject([
      { rule: "row-statistic", row: "Avg", column: "ResNet", printed: "96.3", follows: "95.3" },
    ]);
  });

  it("take N for runs beside means and spreads, spreads for the unit of their levels", () => {
    expect(roles("configuration,n,det,mean,delta %,sd,range\nA,10,92.10,92.40,-0.325,0.21,0.66")).toEqual([
      "configuration: identity",
      "n: n",
      "det: reference, percent",
      "mean: mean, percent",
      "delta %: relativeChange, percent",
      "sd: sd, percent",
      "range: range, percent",
    ]);
    expect(roles("model;AUC\nA;0.91")).toEqual(["model: identity", "AUC: score, fraction"]);
  });

  it("are about what else their headers say: one data set's accuracy is not held against another's rates", () => {
    const csv =
      "Model,Lung Acc (%),Colon Acc (%),Colon Sens,Colon Spec\nA,51.8,88.1,0.90,0.86\nB,70.0,95.0,0.90,0.86";
    expect(read(csv).findings).toMatchObject([{ rule: "accuracy", row: "B", column: "Colon Acc (%)" }]);
  });

  it("leave out a difference that is no relative change, and say so", () => {
    const { reading } = read("m,det,mean,delta\nA,92.10,92.40,-0.30\nB,93.00,92.80,0.20");
    expect(reading.columns.at(-1)?.role).toBe("other");
    expect(reading.remarks).toEqual(["delta: left out; it is a difference and no relative change."]);
  });

  it("may be read before they are audited", () => {
    expect(readPastedTable({ name: "T", csv: "m,acc\nA,91.2 ± 0.3" })).toMatchObject({
      ok: true,
      value: { columns: [{ key: "m" }, { key: "acc" }, { key: "acc ±", role: "sd", of: "acc" }] },
    });
    expect(readPastedTable({ name: "T", csv: "m,acc\n" })).toMatchObject({
      ok: false,
      errors: [{ path: "csv" }],
    });
  });
});

describe("rules for tables as people write them", () => {
  const sentences = (csv: string) => read(csv).findings.map(({ rule, sentence }) => `${rule}: ${sentence}`);

  it("GRIM: without the number of cases there is no finding", () => {
    expect(sentences("m,Acc (%)\nA,93.50\nB,91.20")).toEqual([]);
    expect(sentences("m,Acc (%),N\nA,93.50,10000\nB,91.20,10000")).toEqual([]);
    expect(sentences("m,Acc (%),N\nA,93.50 %,228\nB,91.23 %,228")).toEqual([
      "proportion: T, A: Acc (%) 93.50 is not a share of 228 cases; the nearest are 93.421 (213 of 228) or 93.860 (214 of 228) (GRIM).",
    ]);
  });

  it("GRIM: a mean over runs of N cases has finer steps", () => {
    const columns = { m: "identity", n: "n", acc: { role: "mean", unit: "percent", cases: 228 } };
    expect(read("m,n,acc\nA,2,93.64\nB,2,93.50", columns).findings).toMatchObject([{ row: "B" }]);
  });

  it("finds a fraction that is not the percentage beside it", () => {
    expect(sentences("m\tSens (%)\nA\t93.4 (213/228)\nB\t93.9 (213/228)")).toEqual([
      "proportion: T, B: Sens (%) is printed as 93.9, but 213 of 228 cases are 93.42.",
    ]);
  });

  it("finds rates that no division of the cases gives", () => {
    expect(sentences("m,Acc,Sens,Spec,N\nA,0.900,0.925,0.875,80\nB,0.913,0.925,0.875,80")).toEqual([
      expect.stringMatching(/^two-by-two: T, B: no division of 80 cases/),
    ]);
  });

  it("finds a mean row and an SD that the rows above do not give, weighted or not", () => {
    expect(sentences("seed,Acc (%)\n0,91.2\n1,92.2\n2,90.2\nMean ± SD,91.2 ± 1.0")).toEqual([]);
    expect(sentences("seed,Acc (%)\n0,91.2\n1,92.2\n2,90.2\nMean ± SD,91.2 ± 0.82")).toEqual([]);
    expect(sentences("seed,Acc (%)\n0,91.2\n1,92.2\n2,90.2\nAverage,91.9\nSD,1.9")).toEqual([
      "row-statistic: T, Average: Acc (%) is printed as 91.9, but the mean of the 3 rows above it (0 to 2) is 91.2.",
      "row-statistic: T, SD: Acc (%) is printed as 1.9, but the SD of the 3 rows above it (0 to 2) is 1.0.",
    ]);
    expect(sentences("site,Acc (%),N\nA,90.0,100\nB,80.0,300\nmean,82.5,400")).toEqual([]);
  });

  it("holds no mean against rows that were not all understood, nor a row of means against its own rates", () => {
    expect(
      sentences("| m | Acc |\n|---|---|\n| A | 90 |\n| B | see text |\n| C | 92 |\n| Mean | 95 |"),
    ).toEqual([]);
    expect(
      sentences(
        "| m | Acc | N |\n|---|---|---|\n| A | 90 | 10 |\n| 92 | 10 |\n| C | 70 | 10 |\n| Mean | 95 | |",
      ),
    ).toEqual([]);
    expect(sentences("m,Acc,Sens,Spec\nA,1.00,1.00,0.00\nB,1.00,0.00,1.00\nMean,1.00,0.50,0.50")).toEqual([]);
  });

  it("finds means, SDs and extremes that runs in columns of their own do not give", () => {
    const csv = (mean: string) => `model,seed 1,seed 2,seed 3,mean,SD,min\nA,91.2,92.2,90.2,${mean},1.0,90.2`;
    expect(sentences(csv("91.2"))).toEqual([]);
    expect(sentences(csv("91.9"))).toEqual([
      "row-statistic: T, A: mean is printed as 91.9, but the mean of the 3 runs of its row is 91.2.",
    ]);
  });

  it("finds two carbon intensities in the rows of an energy table, and the total right", () => {
    const csv =
      "| | Experiment runs | All runs |\n|---|---|---|\n| Cifar-10 (kWh) | 69.89 | 117.37 |\n| CBIS-DDSM (kWh) | 116.04 | 134.594 |\n| SDNET (kWh) | 89.29 | 114.78 |\n| SUM (kWh) | 275.22 | 366.744 |\n| CO2eq (kg) | 105.06 | 141.69 |";
    expect(sentences(csv)).toEqual([
      expect.stringMatching(/^ratio: T: CO2e per kWh is 0\.3863 in All runs .* 0\.3817/),
    ]);
    expect(sentences("run,Energy (kWh),CO2 (kg)\nA,100.0,38.2\nB,200.0,76.3\nC,50.0,21.0")).toEqual([
      expect.stringMatching(/^ratio: T: CO2e per kWh is 0\.4200 in C/),
    ]);
  });

  it("finds two exchanged digits in the size of a known test set", () => {
    expect(sentences('data set,Acc (%),N\nPatchCamelyon,61.75,"32,678"\nCIFAR-10,92.57,"10,000"')).toEqual([
      "case-count: T, PatchCamelyon: N is 32,678, and the data set was published with 32,768 cases; two digits are exchanged.",
    ]);
  });

  it("finds an estimate outside its own interval", () => {
    expect(sentences("m\tAcc (%)\nA\t91.2 (90.1–92.3)\nB\t91.2 (91.9–93.0)")).toEqual([
      expect.stringMatching(/^containment: T, B: Acc \(%\) 91\.2 lies outside 91\.9 to 93\.0/),
    ]);
  });
});
