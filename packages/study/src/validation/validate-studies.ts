/**
 * Simulates whole studies in worlds where there is nothing to find, and reads what the analyses say of them: how often a sentence
 * raises an alarm, how often each printed interval holds the truth. Writes its part of docs/validation.md; seeds are fixed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { intervalNames, type LevelRow, studyLevels } from "./study-levels.js";
import { worlds } from "./worlds.js";

const { values } = parseArgs({ options: { studies: { type: "string", default: "4000" } } });
const studies = Number(values.studies);
if (!Number.isInteger(studies) || studies < 20)
  throw new Error(`--studies: ${values.studies} is no whole number from 20`);

const percent = (value: number | null) => (value === null ? "–" : `${(100 * value).toFixed(1)}`);

function line({ world, seeds, repeats, alarm, normalTheory, covered }: LevelRow): string {
  const cells = intervalNames.map((name) => percent(covered[name]));
  return `| ${[world, `${seeds} × ${repeats}`, percent(alarm), percent(normalTheory), ...cells].join(" | ")} |`;
}

const lines: string[] = [];
for (const world of worlds)
  for (const [seeds, repeats] of [
    [5, 8],
    [3, 5],
  ] as const) {
    const row = line(studyLevels(world, { seeds, repeats, studies }));
    console.log(row);
    lines.push(row);
  }

const table = [
  `| world | seeds × repeats | alarm | t or F < 0.05 | ${intervalNames.join(" | ")} |`,
  `|---|---|---:|---:|${intervalNames.map(() => "---:|").join("")}`,
  ...lines,
].join("\n");
const page = new URL("../../../../docs/validation.md", import.meta.url);
const [begin, end] = ["<!-- studies -->", "<!-- /studies -->"];
const text = readFileSync(page, "utf8");
const before = text.slice(0, text.indexOf(begin));
const after = text.slice(text.indexOf(end));
if (!text.includes(begin) || !text.includes(end))
  throw new Error(`docs/validation.md has no ${begin} … ${end}`);
writeFileSync(
  page,
  `${before}${begin}\n${studies} studies a row, whole percent figures; standard error at 5 %: ${(100 * Math.sqrt(0.0475 / studies)).toFixed(2)} points.\n\n${table}\n${after}`,
);
