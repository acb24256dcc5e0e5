import { expect, it } from "vitest";
import { weightDistanceOf } from "./weight-distance.js";

const at = { stored: "checkpoint", step: 8, epoch: 2 } as const;
const weights = (values: Record<string, number[]>) =>
  new Map(Object.entries(values).map(([name, numbers]) => [name, new Float32Array(numbers)]));

it("is the length of the difference in lengths of the run's weights, over all tensors together", () => {
  const source = weights({ kernel: [3, 0], bias: [4] });
  const replica = weights({ kernel: [3, 0.03], bias: [4.04] });
  const found = weightDistanceOf({ ...at, source, replica });
  expect(found).toMatchObject(at);
  // ‖(0, 0.03, 0.04)‖ / ‖(3, 0, 4)‖ = 0.05 / 5; float32 keeps about seven digits of 4.04.
  expect(found.distance).toBeCloseTo(0.01, 7);
  expect(found.log10).toBeCloseTo(-2, 5);
});

it("is 0 without a logarithm where all are equal, and infinite where one is no number", () => {
  const source = weights({ kernel: [1, 2] });
  expect(weightDistanceOf({ ...at, source, replica: weights({ kernel: [1, 2] }) })).toMatchObject({
    distance: 0,
    log10: null,
  });
  const broken = weightDistanceOf({ ...at, source, replica: weights({ kernel: [1, Number.NaN] }) });
  expect(broken).toMatchObject({ distance: "Infinity", log10: null });
});
