import type { AuditTable } from "@reprise/contracts";
import { createRandom } from "@reprise/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { print, study } from "../test-support/printed-study.js";
import { auditTables } from "./audit-tables.js";

const shape = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  seeds: fc.integer({ min: 2, max: 6 }),
  n: fc.integer({ min: 2, max: 12 }),
  decimals: fc.integer({ min: 1, max: 4 }),
});

describe("tables that were rounded from real runs", () => {
  it("never trigger a rule, whatever the number of seeds, repeats and decimals", () => {
    fc.assert(
      fc.property(shape, ({ seed, seeds, n, decimals }) => {
        const random = createRandom(seed);
        const { tables, claims } = print(study(random, seeds, n), random, decimals);
        const { findings } = auditTables(tables, claims);
        expect(findings.map(({ sentence }) => sentence)).toEqual([]);
      }),
      {
        numRuns: 150,
        // Six standard deviations of 0.001, 0.005 four times and 0.004 look the same in two orders of rows.
        examples: [[{ seed: 1967683164, seeds: 3, n: 3, decimals: 1 }]],
      },
    );
  });

  it("are really looked at: every rule but two finds something to check in them", () => {
    const random = createRandom(7);
    const { tables, claims } = print(study(random, 5, 10), random, 2);
    const idle = auditTables(tables, claims).rules.filter(({ checks }) => checks === 0);
    expect(idle.map(({ rule }) => rule)).toEqual(["equivalent-settings"]);
  });

  it("trigger the rule of the number that is changed afterwards", () => {
    const random = createRandom(7);
    const { tables, claims } = print(study(random, 5, 10), random, 2);
    const spoil = (name: string, key: string, change: (text: string) => string) => {
      const spoilt = tables.map((table): AuditTable => {
        const position = table.columns.findIndex((candidate) => candidate.key === key);
        if (table.name !== name) return table;
        return {
          ...table,
          rows: table.rows.map((row, index) =>
            index === table.rows.length - 1 ? row.with(position, change(row[position] ?? "")) : row,
          ),
        };
      });
      return new Set(auditTables(spoilt, claims).findings.map(({ rule }) => rule));
    };
    const plus = (amount: number) => (text: string) => (Number(text) + amount).toFixed(4);
    expect(spoil("Main", "delta", plus(0.2))).toContain("relative-change");
    expect(spoil("Main", "delta", (text) => String(-Number(text)))).toContain("sign");
    expect(spoil("Detail", "sd", plus(0.3))).toContain("range-sd");
    expect(spoil("Detail", "mean", plus(0.2))).toEqual(new Set(["containment", "cross-table"]));
    expect(spoil("Summary", "delta", plus(0.1))).toEqual(new Set(["aggregate"]));
    expect(spoil("Rates", "accuracy", () => "31.00")).toContain("accuracy");
    expect(spoil("Rates", "accuracy", () => "31.00")).toContain("below-chance");
    expect(spoil("Energy", "kwh", plus(1))).toEqual(new Set(["total"]));
    expect(spoil("Runs", "mean", plus(0.01))).toContain("row-statistic");
    expect(spoil("Runs", "sd", plus(0.01))).toContain("row-statistic");
    expect(spoil("Counted", "accuracy", () => "0.0001")).toContain("two-by-two");
    expect(spoil("Counted", "cases", () => "32678")).toContain("case-count");
    expect(spoil("Carbon", "kg", plus(1))).toEqual(new Set(["ratio"]));
  });
});
