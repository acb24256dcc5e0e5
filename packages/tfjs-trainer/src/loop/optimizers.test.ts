import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { effectiveHyperparameters } from "../hyperparameters/effective.js";
import { layOut } from "./layout.js";
import { createOptimizer, type OptimizerOptions, wholePower } from "./optimizers.js";
import { learningRateAt, type ScheduleOptions } from "./schedules.js";

const row = z.array(z.number());
const options = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** What reference/make-trajectories.py wrote: PyTorch's results in float64. */
const reference = z
  .object({
    problem: z.object({
      initial: row,
      target: row,
      curvature: row,
      drift: z.array(row),
      /** The first so many numbers are a weight, the others a bias. */
      weights: z.number(),
    }),
    optimizers: z.record(
      z.string(),
      z.object({ options, learningRate: z.number(), parameters: z.array(row) }),
    ),
    schedules: z.object({
      stepsPerEpoch: z.number(),
      totalSteps: z.number(),
      learningRate: z.number(),
      cases: z.record(z.string(), z.object({ options, rates: row })),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL("../../reference/trajectories.data.json", import.meta.url), "utf8")),
  );

const { problem, schedules } = reference;
const at = (values: readonly number[] | undefined, i: number) => values?.[i] ?? Number.NaN;
const layout = layOut([
  { name: "weight", shape: [problem.weights], role: "weight", fanIn: 1 },
  { name: "bias", shape: [problem.initial.length - problem.weights], role: "bias", fanIn: 1 },
]);

/**
 * Largest deviation of our optimizer's path from PyTorch's, relative to values above 1. A planted fault is a change of
 * options, or of the step that the optimizer is told.
 */
function deviation(
  name: string,
  {
    change = {},
    step = (t: number) => t,
  }: { change?: Partial<OptimizerOptions>; step?: (t: number) => number } = {},
): number {
  const entry = reference.optimizers[name];
  if (!entry) throw new Error(`No reference for ${name}.`);
  const optimizer = createOptimizer({ ...effectiveHyperparameters(entry.options), ...change }, layout);
  const parameters = Float32Array.from(problem.initial);
  let largest = 0;
  for (const [t, drift] of problem.drift.entries()) {
    const gradient = Float32Array.from(
      drift,
      (d, i) => d + at(problem.curvature, i) * (at([...parameters], i) - at(problem.target, i)),
    );
    optimizer.update(parameters, gradient, { learningRate: entry.learningRate, step: step(t) });
    for (const [i, value] of parameters.entries()) {
      const expected = at(entry.parameters[t], i);
      largest = Math.max(largest, Math.abs(value - expected) / Math.max(1, Math.abs(expected)));
    }
  }
  return largest;
}

/** Forty steps of float32 state and parameters (unit roundoff 6e-8) against float64. */
const float32Error = 3e-6;

describe("optimizers follow PyTorch's trajectories", () => {
  test.each(Object.keys(reference.optimizers))("%s", (name) => {
    expect(deviation(name)).toBeLessThan(float32Error);
  });

  test.each<[string, string, Parameters<typeof deviation>[1]]>([
    ["momentum left out", "sgd with momentum", { change: { momentum: 0 } }],
    ["Nesterov's look-ahead left out", "sgd with Nesterov momentum", { change: { nesterov: false } }],
    ["weight decay left out", "sgd with momentum and weight decay", { change: { weightDecay: 0 } }],
    [
      "decay of biases left out",
      "sgd with weight decay of all parameters",
      { change: { decayedParameters: "weights" } },
    ],
    // After 10⁶ steps the corrections are 1.
    ["bias correction left out", "adam", { step: () => 1e6 }],
    ["bias correction one step late", "adam", { step: (t) => t + 1 }],
    ["amsgrad's maximum left out", "adam with amsgrad", { change: { amsgrad: false } }],
    ["coupled decay in adamw", "adamw", { change: { optimizer: "adam" } }],
    ["decoupled decay in adam", "adam with weight decay", { change: { optimizer: "adamw" } }],
    ["the usual beta2 for CLIP's", "adamw with the CLIP settings", { change: { beta2: 0.999 } }],
    ["clipping left out", "sgd with clipping", { change: { clipNorm: null } }],
  ])("a planted fault is seen: %s", (_, name, fault) => {
    expect(deviation(name, fault)).toBeGreaterThan(1000 * float32Error);
  });

  test("decay spares biases unless it is of all parameters", () => {
    const step = (change: Partial<OptimizerOptions>) => {
      const options = effectiveHyperparameters({ optimizer: "adamw", weightDecay: 0.2 });
      const parameters = Float32Array.from(problem.initial);
      const gradient = new Float32Array(parameters.length);
      createOptimizer({ ...options, ...change }, layout).update(parameters, gradient, {
        ...{ learningRate: 0.1, step: 0 },
      });
      return [...parameters.subarray(problem.weights)];
    };
    const biases = Float32Array.from(problem.initial.slice(problem.weights));
    expect(step({})).toEqual([...biases]);
    expect(step({ decayedParameters: "all" })).toEqual([...biases.map((value) => value * (1 - 0.1 * 0.2))]);
  });

  test("whole powers", () => {
    for (const exponent of [0, 1, 2, 7, 100])
      expect(wholePower(0.9, exponent)).toBeCloseTo(0.9 ** exponent, 14);
  });
});

describe("learning rates follow torch.optim.lr_scheduler, or the formula that the reference names", () => {
  const { stepsPerEpoch, totalSteps, learningRate } = schedules;
  const course = (given: z.infer<typeof options>, change: Partial<ScheduleOptions> = {}) =>
    Array.from({ length: totalSteps }, (_, step) =>
      learningRateAt(
        { ...effectiveHyperparameters({ ...given, learningRate }), ...change },
        { step, stepsPerEpoch, totalSteps },
      ),
    );
  const furthest = (ours: number[], expected: number[]) =>
    Math.max(...expected.map((rate, step) => Math.abs(rate - at(ours, step))));

  test.each(Object.entries(schedules.cases))("%s", (_, { options: given, rates }) => {
    expect(rates).toHaveLength(totalSteps);
    expect(furthest(course(given), rates)).toBeLessThan(1e-12);
  });

  test("a warm-up one step longer or shorter would be seen", () => {
    const { options: given, rates } = schedules.cases["warm-up, then cosine"] ?? { options: {}, rates: [] };
    for (const warmupSteps of [7, 9])
      expect(furthest(course(given, { warmupSteps }), rates)).toBeGreaterThan(1e-3);
  });
});
