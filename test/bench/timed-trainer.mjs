// A trainer that computes nothing for so many seconds, and notes when it was started, asked and done: for the bench of what lies between runs.
import { appendFileSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { askedRun } from "./asked-run.mjs";

if (process.argv.includes("--describe")) {
  process.stdout.write(readFileSync(new URL("timed-capabilities.json", import.meta.url), "utf8"));
  process.exit(0);
}

const now = () => performance.timeOrigin + performance.now();
const emit = (event) => writeSync(3, `${JSON.stringify(event)}\n`);
const waitsSince = now();
const request = await askedRun();
const askedAt = now();
const { seconds } = request.parameters;
emit({
  type: "hello",
  name: "timed",
  version: "1",
  effectiveParameters: { seconds },
  backend: { requested: request.backend, used: "cpu" },
});
const slices = 10;
for (let step = 1; step <= slices; step++) {
  await sleep((1000 * seconds) / slices);
  emit({ type: "metric", key: "validationAccuracy", steps: [step], values: [step / slices] });
  emit({ type: "progress", done: step, total: slices, unit: "epochs" });
}
const doneAt = now();
const { user, system } = process.cpuUsage();
appendFileSync(
  process.env.REPRISE_STAMPS,
  `${JSON.stringify({ startedAt: performance.timeOrigin, waitsSince, askedAt, doneAt, cpuMs: (user + system) / 1000 })}\n`,
);
emit({ type: "done", digest: null, selectedEpoch: slices, phases: { train: seconds } });
process.exit(0);
