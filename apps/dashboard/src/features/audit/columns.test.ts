import { auditRequest } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { example, guessColumns, requestOf } from "./columns.js";

describe("columns of a pasted table", () => {
  it("are guessed from their names, spreads in the unit of what they are the spread of", () => {
    expect(guessColumns(example).map(({ key, role, unit }) => [key, role, unit])).toEqual([
      ["configuration", "identity", "none"],
      ["n", "n", "none"],
      ["det", "reference", "percent"],
      ["mean", "mean", "percent"],
      ["delta %", "relativeChange", "percent"],
      ["sd", "sd", "percent"],
      ["range", "range", "percent"],
    ]);
    expect(guessColumns("model;AUC\nA;0.91").map(({ role, unit }) => [role, unit])).toEqual([
      ["identity", "none"],
      ["score", "fraction"],
    ]);
    expect(guessColumns("")).toEqual([]);
  });

  it("make a request that the server can read, without the columns that are left out", () => {
    const columns = guessColumns("name,notes,acc\nA,7,0.9");
    const request = auditRequest.parse(requestOf(" ", "name,notes,acc\nA,7,0.9", columns));
    expect(request.tables[0]?.name).toBe("Table");
    expect(Object.keys(request.tables[0]?.columns ?? {})).toEqual(["name", "acc"]);
  });
});
