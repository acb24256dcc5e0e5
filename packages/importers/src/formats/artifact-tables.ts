import { statSync } from "node:fs";
import type { ForeignTable } from "@reprise/contracts";
import { nameOf, pathIn, type Reading, textOf, warn } from "../files/reading.js";
import { csvTable } from "../values/csv.js";
import { numberOf } from "../values/python-text.js";
import { tableOf } from "./tables.js";

const largest = 32 * 2 ** 20;
const label = /^(label|target|y|y_true|true|truth|class)$/i;
const score = /^(scores?|prob(ability)?|p|y_score|y_prob|pred(iction)?s?|logits?)(_\w+)?$/i;

/** Tables of scores among a run's files: CSV with a column of labels and one of scores. */
export function scoresIn(reading: Reading, files: readonly string[]): ForeignTable[] {
  return files.flatMap((file) => {
    if (!/\.csv$/i.test(file) || statSync(pathIn(reading, file)).size > largest) return [];
    const text = textOf(reading, file);
    const read = text === null ? null : csvTable(text, (reason) => warn(reading, file, reason));
    if (
      read === null ||
      !read.header.some((name) => label.test(name)) ||
      !read.header.some((name) => score.test(name))
    )
      return [];
    const rows = read.rows.map((row) => row.map((cell) => numberOf(cell) ?? cell));
    const table = tableOf(nameOf(file).replace(/\.csv$/i, ""), file, read.header, rows);
    return table === null ? [] : [table];
  });
}
