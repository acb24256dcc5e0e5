/**
 * Measures the built-in trainer and prints two markdown tables: the quickstart configurations in fixed and free order, and
 * throughput on images by backend. Usage: tsx bench.ts [repeats of each arm, default 5]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunRequest } from "@reprise/contracts";
import { type FinishedRun, runBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, seriesOf } from "../test-support/run-events.js";
import { type Order, requestOf } from "../test-support/run-request.js";
import type * as Throughput from "./bench-throughput.js";
import { buildTrainer, bundle } from "./build.js";

const repeats = Number(process.argv[2] ?? 5);
const epochs = 60;
const base: RunRequest["parameters"] = {
  model: "mlp",
  hiddenUnits: [64, 64],
  batchNorm: true,
  batchSize: 32,
  epochs,
};
const configurations: [string, RunRequest["parameters"]][] = [
  ["adam, lr 0.01", { ...base, optimizer: "adam", learningRate: 0.01 }],
  ["sgd, momentum 0.9, lr 0.1", { ...base, optimizer: "sgd", momentum: 0.9, learningRate: 0.1 }],
];

const percent = (value: number) => (100 * value).toFixed(1);
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: number[]) =>
  Math.sqrt(values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0) / (values.length - 1));

/** Decided classes of the test cases, as one string: equal strings mean that not one prediction changed. */
function decisions(run: FinishedRun): string {
  const test = eventsOf(run, "predictions").find((event) => event.split === "test");
  return test?.scores.map(([malignant]) => (Number(malignant) >= 0.5 ? "1" : "0")).join("") ?? "";
}

function row(name: string, order: Order, runs: FinishedRun[]): string {
  const final = (key: string) => runs.map((run) => seriesOf(run, key).get(epochs) ?? Number.NaN);
  const sensitivity = final("testSensitivity");
  const accuracy = final("testAccuracy");
  const seconds = runs.map((run) => run.seconds);
  const cells = [
    name,
    order,
    String(runs.length),
    `${mean(seconds).toFixed(2)} (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})`,
    `${new Set(runs.map(digestOf)).size}`,
    `${new Set(runs.map(decisions)).size}`,
    `${percent(Math.min(...sensitivity))} to ${percent(Math.max(...sensitivity))} %`,
    `${percent(mean(accuracy))} %`,
    `${(100 * deviation(accuracy)).toFixed(2)} pp`,
  ];
  return `| ${cells.join(" | ")} |`;
}

const { folder } = await buildTrainer();
console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}\n`);
console.log(
  "| configuration | order | runs | seconds per run, process start included | distinct digests | distinct sets of decisions | malignant sensitivity | accuracy | accuracy SD |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
for (const [name, parameters] of configurations) {
  for (const order of ["fixed", "permuted", "free"] as const) {
    const runs: FinishedRun[] = [];
    for (let repeat = 0; repeat < repeats; repeat++)
      runs.push(await runBundled(requestOf(order, parameters, { repeat })));
    console.log(row(name, order, runs));
  }
}
const bundled = mkdtempSync(join(folder, "bench-"));
await bundle(["src/program/bench-throughput.ts"], bundled);
const { throughputTable }: typeof Throughput = await import(
  pathToFileURL(join(bundled, "bench-throughput.js")).href
);
console.log(
  "\nImages per processor second, batch 64, 32 × 32 × 3, Adam, one thread; then the shares of a wasm step:\n",
);
console.log(await throughputTable(`${folder}/`, requestOf("fixed", {})));
rmSync(bundled, { recursive: true, force: true });
