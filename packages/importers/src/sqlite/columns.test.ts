import { expect, it } from "vitest";
import { columnsOf } from "./columns.js";

it("columns are found in any way of writing a table, with what stands for a missing value", () => {
  const sql = `CREATE TABLE "t" (
    id INTEGER NOT NULL, -- the row's number
    "key ""quoted""" VARCHAR(250) DEFAULT 'it''s',
    [other name] BIGINT DEFAULT '0' NOT NULL,
    \`value\` FLOAT CHECK (value IN (1, 2)), kind TEXT DEFAULT (7),
    CONSTRAINT pk PRIMARY KEY (id), UNIQUE (kind, value), FOREIGN KEY(kind) REFERENCES u (id))`;
  expect(columnsOf(sql)).toEqual([
    { name: "id", isRowId: true, missing: null },
    { name: 'key "quoted"', isRowId: false, missing: "it's" },
    { name: "other name", isRowId: false, missing: "0" },
    { name: "value", isRowId: false, missing: null },
    { name: "kind", isRowId: false, missing: 7 },
  ]);
  expect(
    columnsOf("CREATE TABLE t (a BIGINT, b INTEGER PRIMARY KEY AUTOINCREMENT)").map(({ isRowId }) => isRowId),
  ).toEqual([false, true]);
});
