import { type AuditRequest, auditRequest } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { auditTables } from "../audit-tables.js";
import { readAuditRequest } from "./read-request.js";

const csv = "model,acc,sens,spec,remark\nA,90.00,0.9,0.9,fine\nB,95.00,0.80,0.85,\n";
const columns = {
  model: "identity",
  acc: { role: "accuracy", unit: "percent", prevalence: 0.5 },
  sens: { role: "sensitivity", unit: "fraction" },
  spec: { role: "specificity", unit: "fraction" },
};
const request = (table: object, more: object = {}): AuditRequest =>
  auditRequest.parse({ tables: [{ name: "mine", csv, columns, ...table }], ...more });

function errorsOf(given: AuditRequest) {
  const read = readAuditRequest(given);
  if (read.ok) throw new Error("accepted");
  return read.errors;
}

describe("a pasted table", () => {
  it("is audited by the rules that check published ones", () => {
    const read = readAuditRequest(request({}));
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    expect(read.value.ignoredColumns).toEqual(["mine: remark"]);
    expect(auditTables(read.value.tables, read.value.claims).findings).toMatchObject([
      {
        rule: "accuracy",
        table: "mine",
        row: "B",
        column: "acc",
        printed: "95.00",
        follows: "82.50 at a prevalence of 0.5",
      },
    ]);
  });

  it("needs no prevalence to see an accuracy outside sensitivity and specificity", () => {
    const read = readAuditRequest(
      request({ columns: { ...columns, acc: { role: "accuracy", unit: "percent" } } }),
    );
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    expect(auditTables(read.value.tables).findings).toMatchObject([
      { rule: "accuracy", row: "B", follows: "between 0.80 and 0.85" },
    ]);
  });

  it.each([
    [";", "semicolons"],
    ["\t", "tabs"],
  ])("may be separated by %j (%s), with a byte-order mark and CRLF", (separator) => {
    const text = `\uFEFF${csv.replaceAll(",", separator).replaceAll("\n", "\r\n")}`;
    expect(readAuditRequest(request({ csv: text })).ok).toBe(true);
  });

  it("names the nearest header for a column that is not there", () => {
    expect(errorsOf(request({ columns: { ...columns, senss: "sensitivity" } }))).toEqual([
      {
        path: "tables.0.columns.senss",
        message: "the CSV has no such column",
        value: '"senss"',
        suggestion: 'Did you mean "sens"?',
      },
    ]);
  });

  it("names line and column of a cell that is no number, and lets blanks be", () => {
    const broken = csv.replace("0.85", "0,85%").replace("0.9,0.9", "–,n/a").replace("0,85%", '"0,85"');
    expect(errorsOf(request({ csv: broken }))).toMatchObject([
      {
        path: "tables.0.csv",
        message: expect.stringMatching(/^line 3, column spec: not a number/),
        value: '"0,85"',
      },
    ]);
  });

  it("says what a relative change needs, and when lines are ragged, empty or headed twice", () => {
    expect(errorsOf(request({ columns: { acc: "relativeChange" } }))[0]?.path).toBe(
      "tables.0.columns.acc.change",
    );
    const change = { role: "relativeChange", change: { value: "sens", base: "spce" } };
    expect(errorsOf(request({ columns: { acc: change } }))).toMatchObject([
      { path: "tables.0.columns.acc.change.base", suggestion: 'Did you mean "spec"?' },
    ]);
    expect(errorsOf(request({ csv: "a,b\n1\n" }))[0]?.message).toMatch(/Invalid Record Length/);
    expect(errorsOf(request({ csv: "a,b\n" }))[0]?.message).toMatch(/at least one row/);
    expect(errorsOf(request({ csv: csv.replace("spec", "sens") }))[0]?.message).toBe(
      "the header names a column twice",
    );
    expect(errorsOf(request({ columns: {} }))[0]?.message).toMatch(/at least one column/);
    const long = `model,acc\n${"A,90\n".repeat(201)}`;
    expect(errorsOf(request({ csv: long, columns: { acc: "score" } }))[0]?.message).toMatch(/at most 200/);
  });

  it("refuses claims and links about columns and tables that do not exist", () => {
    const claim = {
      id: "c",
      kind: "columns",
      says: "A is steadier.",
      table: "mine",
      column: "sens",
      others: ["spek"],
      statistic: "sd",
      relation: "below",
    };
    expect(errorsOf(request({}, { claims: [claim] }))).toMatchObject([
      { path: "claims.0", suggestion: 'Did you mean "spec"?' },
    ]);
    expect(errorsOf(request({}, { claims: [{ ...claim, table: "mien" }] }))).toMatchObject([
      { path: "claims.0", message: "there is no such table", suggestion: 'Did you mean "mine"?' },
    ]);
    const linked = {
      acc: { role: "aggregate", aggregates: { table: "mine", column: "snes" } },
      sens: "score",
    };
    expect(errorsOf(request({ columns: linked }))).toMatchObject([
      { path: "tables.0.columns.acc.aggregates.column", suggestion: 'Did you mean "sens"?' },
    ]);
  });
});
