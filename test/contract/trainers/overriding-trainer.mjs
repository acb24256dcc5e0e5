// A training program that does not do what it was asked: after its hello it switches deterministic algorithms off and
// autotuning on, and seeds itself from the system. Whether it says so is a hyperparameter.
import { createHash, randomInt } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";

const capabilities = JSON.parse(
  readFileSync(new URL("overriding-capabilities.json", import.meta.url), "utf8"),
);
if (process.argv.includes("--describe")) {
  console.log(JSON.stringify(capabilities));
  process.exit(0);
}

const emit = (event) => writeSync(3, `${JSON.stringify(event)}\n`);

/** Mulberry32: 32 bits of state, so that a seed is all there is to it. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("end", () => process.exit(3));
const request = await new Promise((resolve) => {
  process.stdin.on("data", (chunk) => {
    text += chunk;
    if (text.includes("\n")) resolve(JSON.parse(text));
  });
});
process.on("SIGTERM", () => process.exit(0));

const defaults = Object.fromEntries(
  Object.entries(capabilities.hyperparameters).map(([key, info]) => [key, info.default]),
);
const used = { ...defaults, ...request.parameters };
const { execution } = request.arm;
const settings = {
  "torch.use_deterministic_algorithms": execution.algorithms === "deterministic",
  "torch.backends.cudnn.benchmark": execution.autotune,
  seed: request.seed,
};
const observe = (step) => {
  if (!used.observe) return;
  for (const [name, value] of Object.entries(settings)) emit({ type: "observation", step, name, value });
};

emit({
  type: "hello",
  name: "overriding",
  version: capabilities.version,
  effectiveParameters: used,
  backend: { requested: request.backend, used: "cpu" },
});
emit({ type: "environment", values: { "overriding.runtime": `node ${process.versions.node}` } });
observe(0);

if (request.repeat % used.overrideEvery === used.overrideEvery - 1) {
  settings["torch.use_deterministic_algorithms"] = false;
  settings["torch.backends.cudnn.benchmark"] = true;
  settings.seed = randomInt(2 ** 32 - 1);
}

// The points are the same in every run; what is drawn are first weights and order.
const point = generator(1);
const points = Array.from({ length: 4400 }, (_, index) => {
  const label = index % 2;
  return { label, x: [point() + 0.35 * label, point() + 0.25 * label] };
});
const parts = { train: points.slice(0, 240), validation: points.slice(240, 400), test: points.slice(400) };
const draw = generator(settings.seed);
const weights = new Float64Array([4 * draw() - 2, 4 * draw() - 2, 2 * draw() - 1]);
const probability = ([a, b]) => 1 / (1 + Math.exp(-(weights[0] * a + weights[1] * b + weights[2])));
const accuracy = (cases) =>
  cases.filter(({ x, label }) => (probability(x) >= 0.5 ? 1 : 0) === label).length / cases.length;

const stepsPerEpoch = 20;
for (let epoch = 1; epoch <= used.epochs; epoch++) {
  for (let step = 0; step < stepsPerEpoch; step++) {
    const { x, label } = parts.train[Math.floor(draw() * parts.train.length)];
    const gradient = probability(x) - label;
    weights[0] -= 0.5 * gradient * x[0];
    weights[1] -= 0.5 * gradient * x[1];
    weights[2] -= 0.5 * gradient;
  }
  emit({
    type: "metric",
    key: "validationAccuracy",
    steps: [epoch],
    values: [accuracy(parts.validation)],
  });
  emit({ type: "metric", key: "testAccuracy", steps: [epoch], values: [accuracy(parts.test)] });
  observe(epoch * stepsPerEpoch);
}
const digest = createHash("sha256").update(weights).digest("hex");
emit({ type: "digest", kind: "finalWeights", positions: [0], digests: [digest] });
emit({ type: "done", digest, selectedEpoch: used.epochs, phases: { train: 0 } });
process.exit(0);
