/**
 * `npx pnpm test`: builds what the tests run against, then runs everything at the same time, because each part mostly
 * waits: the static checks, the tests in the browser, and all others. What the first two have to say is printed when they
 * have ended. Arguments are passed on to vitest, so `npx pnpm test packages/statistics` runs a part, without static checks.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { prepareDashboard, prepareDatabaseClient, prepareProgram, prepareTrainer } from "@reprise/cli";
import { execa } from "execa";
import { z } from "zod";
import { addCounts, countsFile, countsLine, type TestCounts, testCounts } from "./test-counts.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { scripts } = z
  .object({ scripts: z.object({ lint: z.string(), typecheck: z.string() }) })
  .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));
const words = process.argv.slice(2).filter((word) => word !== "--");

for (const prepare of [prepareDatabaseClient, prepareProgram, prepareTrainer, prepareDashboard]) {
  const { name, built, seconds } = await prepare();
  if (built) console.log(`built ${name} in ${seconds.toFixed(1)} s`);
}

const installed = (program: string) => {
  const file = path.join(root, "node_modules", program);
  if (!existsSync(file)) throw new Error(`${program} is not installed; run \`npx pnpm install\``);
  return file;
};
const reporter = fileURLToPath(new URL("./count-reporter.ts", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "reprise-counts-"));

type Ended = { exitCode: number; counts: TestCounts };

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

async function tests(name: string, given: readonly string[], output: "inherit" | "pipe"): Promise<Ended> {
  const startedAt = performance.now();
  const counted = path.join(folder, `${name}.json`);
  const { exitCode, all } = await execa(
    process.execPath,
    [installed("vitest/vitest.mjs"), "run", "--reporter=default", `--reporter=${reporter}`, ...given],
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
    : { passed: 0, failed: 1, skipped: 0, failures: [`${name}: ended before it could count`] };
  if (typeof all === "string") console.log(all);
  console.log(`${name}: ${countsLine(counts)}, in ${seconds(startedAt)}`);
  return { exitCode: exitCode ?? 1, counts };
}

/** Format, lint rules and types. A fault of theirs is none of a test: it counts as one that failed all the same. */
async function staticChecks(): Promise<Ended> {
  const startedAt = performance.now();
  const failed: string[] = [];
  for (const script of ["lint", "typecheck"] as const) {
    const { exitCode, all } = await execa({
      cwd: root,
      preferLocal: true,
      localDir: root,
      shell: true,
      all: true,
      reject: false,
    })`${scripts[script]}`;
    if (exitCode === 0) continue;
    failed.push(script);
    console.log(all);
  }
  console.log(
    failed.length === 0
      ? `static checks: lint and types are right, in ${seconds(startedAt)}`
      : `static checks: ${failed.join(" and ")} failed`,
  );
  return {
    exitCode: failed.length > 0 ? 1 : 0,
    counts: { passed: 0, failed: failed.length, skipped: 0, failures: failed },
  };
}

const ended = await Promise.all(
  words.length > 0
    ? [tests("all", words, "inherit")]
    : [
        tests("browser", ["--project=e2e"], "pipe"),
        tests("unit and system", ["--project=!e2e"], "inherit"),
        staticChecks(),
      ],
);
rmSync(folder, { recursive: true, force: true });
const whole = ended.map(({ counts }) => counts).reduce(addCounts);
for (const failure of whole.failures) console.log(`failed: ${failure}`);
console.log(countsLine(whole));
process.exit(Math.max(...ended.map(({ exitCode }) => exitCode)));
