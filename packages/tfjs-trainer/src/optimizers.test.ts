import { describe, expect, test } from "vitest";
import { effectiveHyperparameters } from "./hyperparameters/effective.js";
import { layOut } from "./layout.js";
import { createOptimizer, type OptimizerOptions, wholePower } from "./optimizers.js";
import { learningRateAt, type ScheduleOptions } from "./schedules.js";

const layout = layOut([
  { name: "w", shape: [1], role: "weight", fanIn: 1 },
  { name: "b", shape: [1], role: "bias", fanIn: 1 },
]);

/** Values of weight and bias after each gradient (the same for both), from 1 and learning rate 0.1. */
function trajectory(change: Partial<OptimizerOptions>, gradients: number[]): number[][] {
  const optimizer = createOptimizer({ ...effectiveHyperparameters({}), ...change }, layout);
  const parameters = Float32Array.of(1, 1);
  return gradients.map((gradient, step) => {
    optimizer.update(parameters, Float32Array.of(gradient, gradient), { learningRate: 0.1, step });
    return [...parameters];
  });
}

const weights = (path: number[][]) => path.map(([w]) => w);
const expectNear = (given: (number | undefined)[], expected: number[]) => {
  expect(given).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(given[i]).toBeCloseTo(value, 6);
};

describe("optimizers follow trajectories worked out by hand", () => {
  test("sgd", () => expectNear(weights(trajectory({ optimizer: "sgd" }, [0.5, 0.5])), [0.95, 0.9]));

  // v = 0.5, 0.95, 1.355
  test("sgd with momentum", () => {
    expectNear(
      weights(trajectory({ optimizer: "sgd", momentum: 0.9 }, [0.5, 0.5, 0.5])),
      [0.95, 0.855, 0.7195],
    );
  });

  // g + 0.9 v = 0.95, 1.355
  test("sgd with Nesterov momentum", () => {
    expectNear(
      weights(trajectory({ optimizer: "sgd", momentum: 0.9, nesterov: true }, [0.5, 0.5])),
      [0.905, 0.7695],
    );
  });

  // Second step: m = -0.005 / 0.19, root of v = 0.5, so the weight rises by 0.1 · 0.0526316.
  test("adam", () => expectNear(weights(trajectory({ optimizer: "adam" }, [0.5, -0.5])), [0.9, 0.9052632]));

  // Second step: m = 0.09 / 0.19; v stays at its maximum 0.001, corrected by 0.001999.
  test("adam with amsgrad", () => {
    expectNear(weights(trajectory({ optimizer: "adam", amsgrad: true }, [1, 0])), [0.9, 0.8330276]);
  });

  test("weight decay is added to the gradient (sgd), shrinks the weight itself (adamw), and spares biases", () => {
    expectNear(trajectory({ optimizer: "sgd", weightDecay: 0.1 }, [0.5]).flat(), [0.94, 0.95]);
    expectNear(trajectory({ optimizer: "adamw", weightDecay: 0.1 }, [0.5]).flat(), [0.89, 0.9]);
    // Adam's first step has the length of the learning rate whatever the gradient.
    expectNear(trajectory({ optimizer: "adam", weightDecay: 0.1 }, [0.5]).flat(), [0.9, 0.9]);
  });

  test("clipping shortens a gradient that is too long, and leaves others alone", () => {
    const step = (gradient: number[], clipNorm: number) => {
      const optimizer = createOptimizer(
        { ...effectiveHyperparameters({}), optimizer: "sgd", clipNorm },
        layout,
      );
      const parameters = Float32Array.of(0, 0);
      optimizer.update(parameters, Float32Array.from(gradient), { learningRate: 1, step: 0 });
      return [...parameters];
    };
    expectNear(step([3, 4], 1), [-0.6, -0.8]);
    expectNear(step([3, 4], 6), [-3, -4]);
  });

  test("whole powers", () => {
    for (const exponent of [0, 1, 2, 7, 100])
      expect(wholePower(0.9, exponent)).toBeCloseTo(0.9 ** exponent, 14);
  });
});

describe("learning rates", () => {
  const at = (change: Partial<ScheduleOptions>, step: number) =>
    learningRateAt(
      { ...effectiveHyperparameters({}), learningRate: 1, ...change },
      { step, stepsPerEpoch: 5, totalSteps: 20 },
    );

  test("warm-up is linear and ends at the peak", () => {
    expect([0, 1, 2, 3, 4].map((step) => at({ warmupSteps: 4 }, step))).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  test("cosine starts at the peak, halves in the middle, and ends near zero", () => {
    expect(at({ scheduler: "cosine" }, 0)).toBe(1);
    expect(at({ scheduler: "cosine" }, 10)).toBeCloseTo(0.5, 12);
    expect(at({ scheduler: "cosine" }, 19)).toBeCloseTo(0.0061558, 6);
    expect(at({ scheduler: "cosine", warmupSteps: 10 }, 15)).toBeCloseTo(0.5, 12);
  });

  test("step reduces every decayEvery epochs", () => {
    const rates = [0, 9, 10, 19].map((step) =>
      at({ scheduler: "step", decayEvery: 2, decayFactor: 0.1 }, step),
    );
    expect(rates).toEqual([1, 1, 0.1, 0.1]);
  });
});
