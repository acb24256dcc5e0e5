// A whole trainer in plain JavaScript: reads one request on stdin, trains, writes events on descriptor 3.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const capabilities = JSON.parse(readFileSync(new URL("capabilities.json", import.meta.url), "utf8"));
if (process.argv.includes("--describe")) {
  console.log(JSON.stringify(capabilities));
  process.exit(0);
}

const line = (text) => writeSync(3, `${text}\n`);
const emit = (event) => line(JSON.stringify(event));
const wire = (x) => (Number.isFinite(x) ? x : Number.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

function refuse(message, hint) {
  emit({ type: "error", kind: "user", message, hint });
  process.exit(1);
}

/** The request is one line; stdin closes only when the worker is gone, and then so are we. */
function readRequest() {
  return new Promise((resolve) => {
    let text = "";
    let complete = false;
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk) => {
      text += chunk;
      if (complete || !text.includes("\n")) return;
      complete = true;
      resolve(JSON.parse(text));
    });
    process.stdin.on("end", () => process.exit(3));
  });
}

function effectiveParameters(requested) {
  const known = capabilities.hyperparameters;
  const unknown = Object.keys(requested).filter((key) => !(key in known));
  if (unknown.length > 0)
    refuse(`unknown hyperparameter ${unknown.join(", ")}`, `known: ${Object.keys(known)}`);
  const defaults = Object.fromEntries(Object.entries(known).map(([key, info]) => [key, info.default]));
  return { ...defaults, ...requested };
}

function points() {
  return Array.from({ length: 60 }, (_, i) => {
    const angle = i * 2.4;
    const radius = 0.2 + i / 60;
    return { id: `point-${i}`, x: [radius * Math.cos(angle), radius * Math.sin(angle)], label: i % 2 };
  });
}

const request = await readRequest();
const used = effectiveParameters(request.parameters);
const { epochs, fault } = used;
process.on("SIGTERM", () => {
  if (fault !== "ignore-sigterm") process.exit(0);
});

const claimed = fault === "other-value" ? { ...used, learningRate: used.learningRate / 2 } : used;
emit({
  type: "hello",
  name: "tiny",
  version: capabilities.version,
  effectiveParameters: claimed,
  backend: { requested: request.backend, used: "cpu" },
});
emit({ type: "environment", values: { "tiny.runtime": `node ${process.versions.node}` } });
emit({ type: "digest", kind: "configuration", positions: [0], digests: [sha256(JSON.stringify(used))] });

const all = points();
const train = all.slice(0, 36);
const held = { validation: all.slice(36, 48), test: all.slice(48) };
emit({ type: "digest", kind: "dataset", positions: [0], digests: [sha256(JSON.stringify(all))] });

const weights = new Float64Array(3);
let firstEpoch = 1;
if (request.resume) {
  const saved = JSON.parse(readFileSync(request.resume.checkpointPath, "utf8"));
  weights.set(saved.weights);
  firstEpoch = saved.epoch + 1;
} else {
  weights.set([Math.sin(request.seed + 1), Math.cos(request.seed + 1), 0]);
  emit({ type: "digest", kind: "initialWeights", positions: [0], digests: [sha256(weights)] });
}
const probability = ([a, b]) => 1 / (1 + Math.exp(-(weights[0] * a + weights[1] * b + weights[2])));
const accuracy = (cases) =>
  cases.filter((c) => (probability(c.x) >= 0.5 ? 1 : 0) === c.label).length / cases.length;

for (let epoch = firstEpoch; epoch <= epochs; epoch++) {
  let loss = 0;
  for (const { x, label } of train) {
    const p = probability(x);
    loss -= Math.log(Math.max(label === 1 ? p : 1 - p, 1e-300)) / train.length;
    const gradient = p - label;
    weights[0] -= used.learningRate * gradient * x[0];
    weights[1] -= used.learningRate * gradient * x[1];
    weights[2] -= used.learningRate * gradient;
  }
  if (fault === "nan") loss = Number.NaN;
  emit({ type: "metric", key: "trainLoss", steps: [epoch], values: [wire(loss)] });
  emit({ type: "metric", key: "validationAccuracy", steps: [epoch], values: [accuracy(held.validation)] });
  emit({ type: "digest", kind: "epoch", positions: [epoch], digests: [sha256(weights)] });
  emit({ type: "progress", done: epoch, total: epochs, unit: "epochs" });
  if (used.print) {
    console.log(`epoch ${epoch}: {"type":"metric"} is only a print`);
    console.error(`epoch ${epoch}: a warning`);
  }
  if (request.checkpointEveryEpochs && epoch % request.checkpointEveryEpochs === 0) {
    const path = join(request.outputDirectory, `checkpoint-${epoch}.json`);
    writeFileSync(path, JSON.stringify({ epoch, weights: [...weights] }));
    emit({ type: "checkpoint", path, step: epoch * train.length, epoch });
  }
  if (fault === "other-file") {
    const path = join(request.outputDirectory, `stolen-${epoch}`);
    symlinkSync(process.execPath, path);
    emit({ type: "checkpoint", path, step: epoch * train.length, epoch });
  }
  if (fault === "names")
    for (let index = 0; index <= 10_000; index++)
      emit({ type: "metric", key: `m${index}`, steps: [epoch], values: [index] });
  if (fault === "names-by-attempt") {
    const name = (index) => `${request.resume ? "later" : "first"}${index}`;
    for (let index = 0; epoch !== 2 && index < (request.resume ? 20 : 9_990); index++)
      emit({ type: "metric", key: name(index), steps: [epoch], values: [index] });
    if (epoch === 2) process.kill(process.pid, "SIGKILL");
  }
  if (fault === "garbage") line("Epoch 1/3 [=====>      ] loss: 0.69");
  if (fault === "unknown-event") emit({ type: "horoscope", sign: "lion" });
  if (fault === "exit") {
    console.error("ValueError: something is wrong with the data");
    process.exit(1);
  }
  if (fault === "killed") process.kill(process.pid, "SIGKILL");
  if (fault === "device-memory") {
    process.stderr.write(
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 80.00 GiB of which 3.06 MiB is free. Including non-PyTorch memory, this process has 1.50 GiB memory in use.\n",
    );
    process.exit(1);
  }
  if (fault === "once") {
    // Dies like a lost machine in its first attempt only.
    const mark = join(request.outputDirectory, "..", `${request.runId}.died`);
    if (!existsSync(mark)) {
      writeFileSync(mark, "");
      process.kill(process.pid, "SIGKILL");
    }
  }
  if (used.pauseMs > 0) await sleep(used.pauseMs);
}

for (const split of ["validation", "test"]) {
  const cases = held[split];
  emit({
    type: "predictions",
    split,
    epoch: epochs,
    ids: cases.map((c) => c.id),
    labels: cases.map((c) => c.label),
    scores: cases.map((c) => [1 - probability(c.x), probability(c.x)].map(wire)),
    threshold: request.threshold.value,
  });
}
const digest = sha256(weights);
emit({ type: "digest", kind: "finalWeights", positions: [0], digests: [digest] });
emit({ type: "done", digest, selectedEpoch: epochs, phases: { train: 0 } });
process.exit(0);
