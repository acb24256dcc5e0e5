/**
 * `npx pnpm faults [--seed n] [--schedules n] [--minutes n]`: lets schedules of faults, drawn by their seeds, happen to a
 * server that works, and checks what must hold whatever happens. `npx pnpm faults --planted`: plants all hundred numeric
 * faults, of which every test run draws twenty.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { z } from "zod";
import { measuredHere } from "../support/machine.js";
import { setup as prepareProgram } from "../support/program.js";
import { redisMissing } from "../support/redis.js";
import { smallDiskMissing } from "../support/small-disk.js";
import { runCampaign, stopLabs, tableOf } from "./campaign/lanes.js";
import { plantedFaults } from "./how-many.js";

const number = z.coerce.number().int().min(0).optional();
const { values } = parseArgs({
  options: {
    planted: { type: "boolean", default: false },
    seed: { type: "string" },
    schedules: { type: "string" },
    minutes: { type: "string" },
  },
});

if (values.planted) {
  process.env[plantedFaults] = "all";
  process.argv.splice(2, Number.POSITIVE_INFINITY, "test/faults/planted-faults.test.ts");
  await import("../support/run-tests.js");
} else {
  const {
    seed = Date.now() % 1_000_000,
    schedules: count = 10,
    minutes,
  } = z.object({ seed: number, schedules: number, minutes: number }).parse(values);
  const [redis, disk] = [redisMissing(), smallDiskMissing()];
  for (const missing of [redis, disk]) if (missing !== null) console.log(`left out: ${missing}`);
  console.log(`schedules ${seed} to ${seed + count - 1}; one of them again: --seed n --schedules 1`);
  await Promise.all([prepareDatabaseClient(), prepareTrainer(), prepareProgram()]);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stopLabs().finally(() => process.exit(1)));
  const begun = measuredHere();
  const startedAt = performance.now();
  const outcomes = await runCampaign({
    ...{ seed, count, hasDisk: disk === null, tell: console.log },
    ...(minutes === undefined ? {} : { minutes }),
    kinds: redis === null ? ["postgres", "redis"] : ["postgres"],
  });
  const broken = outcomes.filter(({ violations }) => violations.length > 0);
  console.log(`
${begun}; load ${loadavg()[0]?.toFixed(1)} at the end: \`npx pnpm faults --seed ${seed} --schedules ${count}\`, ${outcomes.length} schedules in ${((performance.now() - startedAt) / 60_000).toFixed(1)} min, ${broken.length} with a violation

${tableOf(outcomes)}
`);
  if (broken.length > 0)
    console.log(
      `violated: ${broken.map(({ schedule }) => `--seed ${schedule.seed} --schedules 1`).join(", ")}`,
    );
  process.exitCode = broken.length > 0 ? 1 : 0;
}
