/**
 * `npx pnpm test`: builds what the tests run against, then hands over to vitest. Arguments are passed on, so
 * `npx pnpm test packages/statistics` runs a part.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";

const root = fileURLToPath(new URL("../..", import.meta.url));
const words = process.argv.slice(2).filter((word) => word !== "--");

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) {
  const { name, built, seconds } = await prepare();
  if (built) console.log(`built ${name} in ${seconds.toFixed(1)} s`);
}

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
if (!existsSync(vitest)) throw new Error("vitest is not installed; run `npx pnpm install`");
const reporter = fileURLToPath(new URL("./count-reporter.ts", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--reporter=default", `--reporter=${reporter}`, ...words],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
