/**
 * Holds the readers of other programs' files against what was handed to those programs: a folder with `truth.json` (sources with
 * their runs, parameters and histories) beside the files of each source. Prints a table: source, runs, points found of truth, and whether
 * the proposed design is the one of the study.
 *
 *     node --import tsx test/bench/imports.ts FOLDER [SOURCE…] [--list]
 */
import { join } from "node:path";
import { compareSource, readTruth } from "../support/import-truth.js";

const [folder, ...words] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder that holds truth.json");
const listing = words.includes("--list");
const wanted = words.filter((word) => !word.startsWith("--"));
const truth = readTruth(join(folder, "truth.json"));
console.log(
  "| source | recognised as | runs | points | parameters | status | start and end | proposal | faults |",
);
console.log("|---|---|---|---|---|---|---|---|---:|");
let faults = 0;
for (const source of truth.sources.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const result = await compareSource(folder, source, truth);
  const part = ({ found, of }: { found: number; of: number }) => `${found} of ${of}`;
  faults += result.faults.length;
  console.log(
    `| ${source.id} | ${result.format} | ${part(result.runs)} | ${part(result.points)} | ${part(result.params)} | ${part(result.statuses)} | ${part(result.times)} | ${result.proposal.join("; ") || "right"} | ${result.faults.length} |`,
  );
  if (listing) for (const fault of result.faults.slice(0, 40)) console.log(`  ${fault}`);
}
process.exitCode = faults === 0 ? 0 : 1;
