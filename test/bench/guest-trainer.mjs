// A trainer that asks too much of its worker, in the way that its hyperparameter says: for the bench of what others notice of it.
import { readFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { askedRun } from "./asked-run.mjs";

const ways = ["quiet", "long line", "long print", "brackets", "events", "names", "prints"];

if (process.argv.includes("--describe")) {
  const timed = JSON.parse(readFileSync(new URL("timed-capabilities.json", import.meta.url), "utf8"));
  const way = { type: "string", choices: ways, default: "quiet", description: "What it asks of its worker." };
  process.stdout.write(
    JSON.stringify({ ...timed, name: "guest", hyperparameters: { ...timed.hyperparameters, way } }),
  );
  process.exit(0);
}

/** All of a text to a pipe that may be full. */
const write = (descriptor, text) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
};
const emit = (event) => write(3, `${JSON.stringify(event)}\n`);
const request = await askedRun();
const { seconds = 1, way = "quiet" } = request.parameters;
emit({
  ...{ type: "hello", name: "guest", version: "1", effectiveParameters: { seconds, way } },
  backend: { requested: request.backend, used: "cpu" },
});
const metric = (key, step) => emit({ type: "metric", key, steps: [step], values: [step] });
const million = 1_000_000;

if (way === "quiet") await sleep(1000 * seconds);
if (way === "long line") for (let part = 0; part < 300; part++) write(3, "x".repeat(million));
if (way === "long print") for (let part = 0; part < 300; part++) write(1, "x".repeat(million));
if (way === "brackets") {
  write(3, '{"type":"metric","key":"a","steps":');
  for (let part = 0; part < 200; part++) write(3, "[".repeat(million));
}
if (way === "events") for (let step = 1; step <= million; step++) metric("validationAccuracy", step);
if (way === "names") for (let index = 0; index < 100_000; index++) metric(`metric ${index}`, 1);
if (way === "prints")
  for (let line = 0; line < million; line++) write(1, `line ${line} of a program that prints all the time\n`);
if (way === "long print") write(1, "\n");
if (way === "long line" || way === "brackets") write(3, "\n");
metric("validationAccuracy", 2 * million);
emit({ type: "done", digest: null, selectedEpoch: 1, phases: { train: seconds } });
process.exit(0);
