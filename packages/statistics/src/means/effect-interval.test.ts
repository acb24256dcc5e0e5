import { describe, expect, it } from "vitest";
import { almostStochasticOrder } from "../ranks/stochastic-order.js";
import { effectSizeInterval, pairedEffectSizeInterval } from "./effect-interval.js";

const x = [0.95, 0.953, 0.961, 0.944, 0.957];
const y = [0.93, 0.941, 0.937, 0.925, 0.949];
const closeTo = (bounds: readonly number[]) => bounds.map((bound) => expect.closeTo(bound, 9));

describe("the interval of a standardised difference", () => {
  it("inverts the noncentral t (scipy.stats.nct 1.17)", () => {
    expect(effectSizeInterval(x, y)).toEqual(closeTo([0.4322224289176266, 3.605384714339931]));
    expect(effectSizeInterval([1, 2, 3, 4], [2, 3, 4, 5, 9, 1])).toEqual(
      closeTo([-1.9154702325818427, 0.6872021802119405]),
    );
    expect(pairedEffectSizeInterval(x, y)).toEqual(closeTo([0.5086538602131454, 3.579078062943457]));
  });

  it("turns with the sign, stays with large samples and large effects, and is undefined without spread", () => {
    const [low, high] = effectSizeInterval(y, x);
    expect([-high, -low]).toEqual(closeTo(effectSizeInterval(x, y)));
    const [far] = effectSizeInterval([1000, 1000.1], [0, 0.1, 0.05]);
    expect(far).toBeGreaterThan(1000);
    const many = Array.from({ length: 200_000 }, (_, i) => Math.sin(i));
    const [a, b] = effectSizeInterval(
      many,
      many.map((value) => value + 0.1),
    );
    expect(b - a).toBeCloseTo(2 * 1.96 * Math.sqrt(2 / 200_000), 4);
    expect(effectSizeInterval([1, 1], [2, 2])).toEqual([Number.NaN, Number.NaN]);
    expect(pairedEffectSizeInterval([1, 2], [2, 3])).toEqual([Number.NaN, Number.NaN]);
  });
});

it("almost stochastic order agrees with deepsig 1.2 (0.4134 to 0.4137 over four seeds) and with an integral on a grid", () => {
  const a = [
    0.855773, 0.82873, 0.82193, 0.78273, 0.814452, 0.812905, 0.818345, 0.80746, 0.819124, 0.810456, 0.793723,
    0.837692, 0.837626, 0.854191, 0.821001, 0.811906, 0.809093, 0.78907, 0.839647, 0.797979, 0.796299,
    0.815887, 0.849723, 0.824734, 0.799524,
  ];
  const b = [
    0.797591, 0.807252, 0.819733, 0.787299, 0.839421, 0.74425, 0.693364, 0.844878, 0.802043, 0.810394,
    0.796541, 0.861109, 0.849168, 0.778175, 0.783863, 0.859974, 0.802031, 0.787147, 0.821982, 0.826437,
    0.823828, 0.82384, 0.846743, 0.813766, 0.824891, 0.829108, 0.809207, 0.791545, 0.821594, 0.852575,
  ];
  const { violation, epsilonMin } = almostStochasticOrder(a, b, { seed: 1, resamples: 5000 });
  expect(violation).toBeCloseTo(0.023036516192901983, 12);
  expect(epsilonMin).toBeGreaterThan(0.395);
  expect(epsilonMin).toBeLessThan(0.425);
});
