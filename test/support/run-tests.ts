/**
 * `npx pnpm test`: builds what the tests run against, then hands over to vitest. Arguments are passed on, so
 * `npx pnpm test packages/statistics` runs a part.
 *
 * All tests together run as two vitest processes: those in the browser must follow each other and mostly wait for it,
 * so the others run meanwhile. What the browser tests have to say is printed when both have ended.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { execa } from "execa";
import { addCounts, countsFile, countsLine, testCounts } from "./test-counts.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const words = process.argv.slice(2).filter((word) => word !== "--");

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) {
  const { name, built, seconds } = await prepare();
  if (built) console.log(`built ${name} in ${seconds.toFixed(1)} s`);
}

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
if (!existsSync(vitest)) throw new Error("vitest is not installed; run `npx pnpm install`");
const reporter = fileURLToPath(new URL("./count-reporter.ts", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "reprise-counts-"));

/** What is counted of a run that ended before it could count. */
const brokenOff = { passed: 0, failed: 1, skipped: 0 };

async function run(name: string, given: readonly string[], output: "inherit" | "pipe") {
  const counted = path.join(folder, `${name}.json`);
  const { exitCode, all } = await execa(
    process.execPath,
    [vitest, "run", "--reporter=default", `--reporter=${reporter}`, ...given],
    {
      cwd: root,
      env: { [countsFile]: counted },
      stdin: "inherit",
      ...(output === "inherit" ? { stdout: "inherit", stderr: "inherit" } : { all: true }),
      reject: false,
    },
  );
  const counts = existsSync(counted)
    ? testCounts.parse(JSON.parse(readFileSync(counted, "utf8")))
    : brokenOff;
  return { exitCode: exitCode ?? 1, counts, said: typeof all === "string" ? all : "" };
}

const runs =
  words.length > 0
    ? [run("all", words, "inherit")]
    : [run("rest", ["--project=!e2e"], "inherit"), run("e2e", ["--project=e2e"], "pipe")];
const ended = await Promise.all(runs);
for (const { said } of ended) if (said) console.log(said);
rmSync(folder, { recursive: true, force: true });
console.log(countsLine(ended.map(({ counts }) => counts).reduce(addCounts)));
process.exit(Math.max(...ended.map(({ exitCode }) => exitCode)));
