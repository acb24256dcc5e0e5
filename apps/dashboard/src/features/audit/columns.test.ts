import { auditReading, auditRequest } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { columnChoices, requestOf } from "./columns.js";

const reading = auditReading.parse({
  table: "Table",
  format: "commas",
  rows: 1,
  columns: [
    { key: "name", role: "identity" },
    { key: "notes", role: "other" },
    { key: "acc", role: "accuracy", unit: "percent" },
    { key: "acc ±", role: "sd", unit: "percent", of: "acc" },
  ],
  remarks: [],
  notUnderstood: [],
});

describe("columns of a pasted table", () => {
  it("are what the server takes them for, until somebody chooses otherwise", () => {
    const choices = columnChoices(reading, { "acc ±": { role: "other" }, acc: { unit: "fraction" } });
    expect(choices.map(({ key, role, unit }) => [key, role, unit])).toEqual([
      ["name", "identity", "none"],
      ["notes", "other", "none"],
      ["acc", "accuracy", "fraction"],
      ["acc ±", "other", "percent"],
    ]);
    expect(columnChoices(undefined, {})).toEqual([]);
  });

  it("make a request that the server can read, without the columns that are left out", () => {
    const request = auditRequest.parse(requestOf(" ", "name,notes,acc\nA,7,0.9", columnChoices(reading, {})));
    expect(request.tables[0]?.name).toBe("Table");
    expect(Object.keys(request.tables[0]?.columns ?? {})).toEqual(["name", "acc", "acc ±"]);
    // What stands behind ± is a column only as long as nobody says that it is none.
    const without = requestOf("T", "name,acc\nA,7", columnChoices(reading, { "acc ±": { role: "other" } }));
    expect(without.tables[0]?.columns["acc ±"]).toMatchObject({ role: "other", of: "acc" });
  });
});
