/**
 * Simulates whole studies in worlds where there is nothing to find, and reads what the analyses say of them: how often a sentence
 * raises an alarm, how often each printed interval holds the truth, and how often an effect is found. Writes its part of
 * docs/validation.md and fails where a row leaves its limits; seeds are fixed. As many processes as there are processors share the rows.
 */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { intervalNames, type LevelRow, studyLevels } from "./study-levels.js";
import { type PowerRow, studyPower } from "./study-power.js";
import { effects, worlds } from "./worlds.js";

const { values } = parseArgs({
  options: { studies: { type: "string", default: "2000" }, worker: { type: "boolean", default: false } },
});
const studies = Number(values.studies);
if (!Number.isInteger(studies) || studies < 20)
  throw new Error(`--studies: ${values.studies} is not a whole number of at least 20`);

/** Seeds by repeats: a whole study, a small one, and one with seeds enough to say how far they lie apart. */
const sizes = [
  [5, 8],
  [3, 5],
  [16, 2],
] as const;

type Row = { level: LevelRow } | { powers: PowerRow[] };

/** The longest first, so that no process waits long for the last one. */
const tasks: (() => Row)[] = [
  ...sizes.flatMap(([seeds, repeats]) =>
    worlds.map((world) => () => ({ level: studyLevels(world, { seeds, repeats, studies }) })),
  ),
  ...effects.map((effect) => () => ({ powers: studyPower(effect, { seeds: 5, repeats: 8, studies }) })),
];

const percent = (value: number | null) => (value === null ? "–" : (100 * value).toFixed(1));
const error = (rate: number) => Math.sqrt((rate * (1 - rate)) / studies);

/** Rates at their limit are told from those beyond it by two and a half standard errors. */
const mostAlarms = 0.055 + 2.5 * error(0.055);
const leastCovered = 0.93 - 2.5 * error(0.93);
const mostApart = 0.02;

const levelIsOk = ({ alarm, covered }: LevelRow) =>
  alarm <= mostAlarms && Object.values(covered).every((share) => share === null || share >= leastCovered);
const powerIsOk = ({ permutation, normalTheory, asPowerful }: PowerRow) =>
  !asPowerful || permutation >= normalTheory - mostApart;

const cellsOf = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function levelLine(row: LevelRow): string {
  const { world, seeds, repeats, alarm, normalTheory, covered } = row;
  const shares = intervalNames.map((name) => percent(covered[name]));
  return cellsOf([
    ...[world, `${seeds} × ${repeats}`, percent(alarm), percent(normalTheory), ...shares],
    levelIsOk(row) ? "yes" : "**no**",
  ]);
}

function powerLine(row: PowerRow): string {
  const { effect, test, permutation, normalTheory, family } = row;
  return cellsOf([
    ...[effect, test, percent(permutation), percent(normalTheory), percent(family)],
    row.asPowerful ? (powerIsOk(row) ? "yes" : "**no**") : "–",
  ]);
}

/** Does one task after another that its parent names. */
function work(): void {
  process.on("message", (at: number) => process.send?.({ at, row: tasks[at]?.() }));
}

/** The rows of all tasks, by as many processes as there are processors. */
async function share(): Promise<Row[]> {
  const rows: Row[] = [];
  let next = 0;
  const one = (child: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      const ask = () => {
        if (next < tasks.length) child.send(next++);
        else child.disconnect();
      };
      child.on("message", ({ at, row }: { at: number; row: Row }) => {
        rows[at] = row;
        console.log("level" in row ? levelLine(row.level) : row.powers.map(powerLine).join("\n"));
        ask();
      });
      child.on("error", reject);
      child.on("exit", (code) =>
        code === 0 ? resolve() : reject(new Error(`A process ended with ${code}.`)),
      );
      ask();
    });
  const file = fileURLToPath(import.meta.url);
  await Promise.all(
    Array.from({ length: availableParallelism() }, () =>
      one(fork(file, ["--worker", "--studies", String(studies)])),
    ),
  );
  return rows;
}

async function validate(): Promise<void> {
  const rows = await share();
  const levels = rows.flatMap((row) => ("level" in row ? [row.level] : []));
  const powers = rows.flatMap((row) => ("powers" in row ? row.powers : []));
  const ok = levels.every(levelIsOk) && powers.every(powerIsOk);
  const text = [
    `${studies} studies a row, percent; standard error ${(100 * error(0.05)).toFixed(2)} points at 5 or 95 %. A row is ok with alarms in at most 5.5 % and every interval at 93 % or more, each within 2.5 standard errors.`,
    "",
    cellsOf(["world", "seeds × repeats", "alarm", "t or F < 0.05", ...intervalNames, "ok"]),
    `|---|---|---:|---:|${intervalNames.map(() => "---:|").join("")}---|`,
    ...levels.map(levelLine),
    "",
    "How often an effect is found under normality, five seeds by eight repeats: by permutation, by t or F as the papers use them, and by the family that",
    "is adjusted over both. Wanted: at most 2 points less than t or F where deterministic runs are shifted. Where they scatter more, the few outlying values widen the",
    "permutation distribution as well, and F finds them more often.",
    "",
    cellsOf(["deterministic runs have a", "test", "permutation", "t or F", "family", "ok"]),
    "|---|---|---:|---:|---:|---|",
    ...powers.map(powerLine),
  ].join("\n");
  const page = new URL("../../../../docs/validation.md", import.meta.url);
  const [begin, end] = ["<!-- studies -->", "<!-- /studies -->"];
  const written = readFileSync(page, "utf8");
  if (!written.includes(begin) || !written.includes(end))
    throw new Error(`docs/validation.md has no ${begin} … ${end}`);
  const [before, after] = [written.slice(0, written.indexOf(begin)), written.slice(written.indexOf(end))];
  writeFileSync(page, `${before}${begin}\n${text}\n${after}`);
  if (!ok) process.exitCode = 1;
}

if (values.worker) work();
else await validate();
