import fc from "fast-check";
import { expect, it } from "vitest";
import { checkAcross, extremesTellAll, type MeasuringStudy } from "./metric-across-studies.js";
import { type SeenValues, seenOf } from "./metric-check.js";

const value = fc.oneof(
  fc.double({ min: 0, max: 1 }),
  fc.double({ min: -3, max: 120 }),
  fc.constantFrom(0, 1, 0.5, 7, 100, Number.NaN, Number.POSITIVE_INFINITY),
);
const run = fc.tuple(value, value, value).map(([own, low, high]) => ({ own, low, high }));

const seen = (runs: readonly { own: number; low: number; high: number }[]): SeenValues[] =>
  runs.flatMap(({ own, low, high }, seed) =>
    seenOf({ configurationLabel: "C1", seed, arm: "det", repeat: 0 }, { value: own, min: low, max: high }),
  );

/** The runs that have the smallest or the greatest finite values, as the database chooses them. */
function extremesOf(runs: readonly { own: number; low: number; high: number }[]) {
  const finite = (values: number[]) => values.filter(Number.isFinite);
  const [owns, lows, highs] = [
    finite(runs.map(({ own }) => own)),
    finite(runs.map(({ low }) => low)),
    finite(runs.map(({ high }) => high)),
  ];
  const bounds = [Math.min(...owns), Math.max(...owns), Math.min(...lows), Math.max(...highs)];
  return runs.filter(({ own, low, high }) => bounds.includes(own) || low === bounds[2] || high === bounds[3]);
}

it("runs with the extreme values tell of a metric what all runs would, wherever they are said to", () => {
  let told = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(run, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom("testAccuracy", "tokens", "rate"),
      (studies, key) => {
        const of = (choose: (runs: (typeof studies)[number]) => (typeof studies)[number]): MeasuringStudy[] =>
          studies.map((runs, index) => ({
            name: `study ${index}`,
            metrics: [{ key: "rate", by: "study", unit: "percent" }],
            seen: seen(choose(runs)),
          }));
        if (!extremesTellAll(key, of(extremesOf))) return;
        told += 1;
        expect(checkAcross(key, of(extremesOf))).toEqual(
          checkAcross(
            key,
            of((runs) => runs),
          ),
        );
      },
    ),
  );
  expect(told).toBeGreaterThan(5);
});
