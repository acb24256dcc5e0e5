import type { AnalysisTable } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { determinismAnalysis } from "../analyses/determinism/determinism.js";
import { configurationsAnalysis } from "../analyses/tests/configurations.js";
import { exampleInput } from "../test-support/example-study.js";
import { printedTable } from "./printed-table.js";

const printedOf = (
  headed: readonly [string, string, (string | null)?, string?][],
  rows: AnalysisTable["rows"],
  metricUnit = "fraction",
) =>
  printedTable(
    {
      title: "",
      columns: headed.map(([key, label, unit = null, description = ""]) => ({
        key,
        label,
        unit,
        description,
      })),
      rows,
      absent: rows.map(() => ({})),
    },
    metricUnit,
    "short",
  );
const labels = (printed: ReturnType<typeof printedTable>) => printed.columns.map(({ label }) => label);

describe("printedTable, short", () => {
  it("keeps the value, n and the interval of the only row, and notes what is not of the claim", () => {
    const { table: only } = determinismAnalysis(exampleInput());
    const short = printedTable({ ...only, rows: only.rows.slice(0, 1), absent: [{}] }, "fraction", "short");
    expect(labels(short)).toEqual(
      expect.arrayContaining(["Configuration", "Det. (%)", "n", "Mean ± SD (%)", "95 % PI (%)"]),
    );
    expect(short.notes[0]).toMatch(/^Also recorded: Seed = \d+; n det\. = /);
  });

  it("prints what has no bound as a sign", () => {
    const { rows } = printedOf(
      [
        ["a", "A"],
        ["df", "df"],
        ["low", "Low"],
      ],
      [
        { a: "x", df: "Infinity", low: "-Infinity" },
        { a: "y", df: "NaN", low: 1 },
      ],
    );
    expect(rows).toEqual([
      ["x", "∞", "−∞"],
      ["y", "NaN", "1"],
    ]);
  });

  it("never leaves out what a look shows or by what rows are told apart", () => {
    const keys = [
      "question",
      "seeds",
      "seed",
      "n",
      "seedDifference",
      "estimate",
      "sequentialLow",
      "sequentialHigh",
    ];
    const more = ["oneSidedLow", "oneSidedHigh", "eValue", "look", "claim", "reason"];
    const all = [...keys, ...more].map((key): [string, string] => [key, key]);
    const values = (row: number) => Object.fromEntries(all.map(([key], index) => [key, index * 7 + row]));
    const sequential = printedOf(all, [values(1), values(2)]).columns.map(({ key }) => key);
    expect(sequential).toEqual(
      expect.arrayContaining([
        "question",
        "n",
        "estimate",
        "oneSidedLow",
        "oneSidedHigh",
        "eValue",
        "look",
        "claim",
      ]),
    );
    const family = ["metric", "a", "b", "design", "meanA", "meanB", "difference", "low", "high", "df", "p"];
    const compared = [...family, "adjustedP", "hedgesG", "equivalent", "planned"].map(
      (key): [string, string] => [key, key],
    );
    const two = [1, 2].map((row) => Object.fromEntries(compared.map(([key], at) => [key, at * 7 + row])));
    expect(printedOf(compared, two).columns.map(({ key }) => key)).toEqual([
      ...["metric", "a", "b", "meanA", "meanB", "difference", "low", "p", "adjustedP", "equivalent"],
    ]);
  });

  it("prints a comparison of configurations in percent and points, as the page does, and no remark with two stops", () => {
    const { table } = configurationsAnalysis(exampleInput());
    const short = printedTable(table, "fraction", "short");
    expect(labels(short)).toEqual(expect.arrayContaining(["Mean A (%)", "Mean B (%)", "A − B (pp)"]));
    expect(
      printedOf(
        [
          ["configuration", "Configuration"],
          ["reason", "Remark"],
        ],
        [1, 2].map((row) => ({ configuration: `c${row}`, reason: "All are the same." })),
      ).notes,
    ).toEqual(["Constant across rows: Remark = All are the same."]);
  });

  it("names an interval by its level where that is known, by what it is of, and with its unit", () => {
    const row = {
      auc: 0.9,
      low: 0.85,
      high: 0.95,
      shiftLow: 0.1,
      shiftHigh: 0.2,
      modelSd: 0.01,
      modelLow: 0.005,
      modelHigh: 0.02,
    };
    const printed = printedOf(
      [
        ["auc", "AUC", "fraction"],
        ["low", "AUC low", "fraction", "99 % interval, lower end"],
        ["high", "AUC high", "fraction"],
        ["modelSd", "SD of models", "fraction"],
        ["modelLow", "low", "fraction", "Its 95 % interval, lower end"],
        ["modelHigh", "high", "fraction"],
        ["shiftLow", "Shift low", "fraction", "Its interval over all looks, lower end"],
        ["shiftHigh", "Shift high", "fraction"],
      ],
      [row],
    );
    expect(labels(printed)).toEqual([
      "AUC (%)",
      "AUC, 99 % interval (%)",
      "SD of models (pp)",
      "SD of models, 95 % interval (pp)",
      "Shift, interval over all looks (pp)",
    ]);
  });

  it("tells constant values from values that only print alike, and keeps a known end of an interval", () => {
    const printed = printedOf(
      [
        ["configuration", "Configuration"],
        ["g", "g"],
        ["gLow", "g low"],
        ["gHigh", "g high"],
      ],
      [
        { configuration: "a", g: 0.9531, gLow: 0.5, gHigh: 1.5 },
        { configuration: "b", g: 0.9534, gLow: 0.5, gHigh: null },
      ],
    );
    expect(printed.notes).toEqual([]);
    expect(printed.rows).toEqual([
      ["a", "0.95", "[0.50, 1.50]"],
      ["b", "0.95", "[0.50, –]"],
    ]);
  });

  it("does not round the end of an interval to nothing, whose side of zero would be lost", () => {
    const printed = printedOf(
      [
        ["configuration", "Configuration"],
        ["hedgesG", "g"],
        ["hedgesGLow", "g low"],
        ["hedgesGHigh", "g high"],
      ],
      [
        { configuration: "a", hedgesG: 0.898, hedgesGLow: 0.0358, hedgesGHigh: 3.57 },
        { configuration: "b", hedgesG: 0.4, hedgesGLow: -0.04, hedgesGHigh: 25 },
        { configuration: "c", hedgesG: 0.4, hedgesGLow: 0, hedgesGHigh: 25 },
      ],
    );
    expect(printed.rows.map(([, g, interval]) => [g, interval])).toEqual([
      ["0.9", "[0.04, 3.6]"],
      ["0.4", "[−0.04, 25.0]"],
      ["0.4", "[0.0, 25.0]"],
    ]);
  });

  it("takes a rate of an evaluation set for a rate, also where the name of the set has a low line", () => {
    const printed = printedOf(
      [
        ["configuration", "Configuration"],
        ["pcam_testAccuracy", "pcam_test acc.", "fraction"],
        ["pcam_testAccuracySd", "SD", "fraction"],
      ],
      [1, 2].map((row) => ({
        configuration: `c${row}`,
        pcam_testAccuracy: 0.9 + row / 100,
        pcam_testAccuracySd: row / 1e4,
      })),
    );
    expect(labels(printed)).toEqual(["Configuration", "pcam_test acc. (%)", "SD (pp)"]);
    expect(printed.rows[0]).toEqual(["c1", "91.000", "0.010"]);
  });

  it("takes the name of a class for a name, also one that is a word of ours", () => {
    const classes = ["Low", "High", "P", "Mean", "Sd"];
    const printed = printedOf(
      [["class", "Class"], ...classes.map((name): [string, string] => [`givenAs_${name}`, `as ${name}`])],
      [0, 3].map((count, row) => ({
        class: `c${row}`,
        ...Object.fromEntries(classes.map((name) => [`givenAs_${name}`, count])),
      })),
    );
    expect(labels(printed)).toEqual(["Class", ...classes.map((name) => `as ${name}`)]);
    expect(printed.rows).toEqual([
      ["c0", "0", "0", "0", "0", "0"],
      ["c1", "3", "3", "3", "3", "3"],
    ]);
  });

  it("rounds figures of any kind by their uncertainty, alike down a column", () => {
    const row = (model: string, slope: number, sd: number) => ({ model, slopeMean: slope, slopeSd: sd });
    const printed = printedOf(
      [
        ["model", "Model"],
        ["slopeMean", "Slope"],
        ["slopeSd", "SD"],
      ],
      [row("a", 2.36123, 0.681), row("b", 1.9812, 0.0669), row("c", -0.5, 0)],
    );
    expect(printed.rows.map(([, slope]) => slope)).toEqual(["2.361 ± 0.681", "1.981 ± 0.067", "−0.500 ± 0"]);
  });

  it("puts intervals with their values where there are too many columns", () => {
    const rates = ["accuracy", "sensitivity", "specificity", "auc"];
    const keys = rates.flatMap((rate) => [`${rate}Mean`, `${rate}Sd`, `${rate}Low`, `${rate}High`]);
    const values = (row: number) => ({
      ...{ configuration: `c${row}`, seed: row, arm: `arm ${row}` },
      ...Object.fromEntries(keys.map((key, at) => [key, (row + (at % 4)) / 10])),
    });
    const printed = printedOf(
      [
        ...["configuration", "seed", "arm"].map((key): [string, string] => [key, key]),
        ...keys.map((key): [string, string] => [key, key]),
      ],
      [values(1), values(2)],
    );
    expect(labels(printed)).toEqual([
      ...["configuration", "seed", "arm"],
      ...rates.map((rate) => `${rate}Mean ± SD, interval`),
    ]);
    expect(printed.rows[0]?.[3]).toBe("0.10 ± 0.20 [0.300, 0.400]");
    expect(printed.columns[3]?.with).toEqual(["accuracySd", "accuracyLow", "accuracyHigh"]);
    expect(printed.covers).toEqual(expect.arrayContaining(keys));
  });

  it("writes no minus before zero, and lets no unstable row wipe out the digits of the others", () => {
    const printed = printedOf(
      [
        ["configuration", "Configuration"],
        ["mean", "Mean", "nats"],
        ["sd", "SD", "nats"],
      ],
      [
        { configuration: "a", mean: 0.14231, sd: 0.0001 },
        { configuration: "b", mean: -0.01, sd: 30 },
        { configuration: "c", mean: 0.14312, sd: 0.0001 },
      ],
      "nats",
    );
    expect(printed.rows.map(([, mean]) => mean)).toEqual([
      "0.14231 ± 0.00010",
      "0.0 ± 30.0",
      "0.14312 ± 0.00010",
    ]);
  });
});
