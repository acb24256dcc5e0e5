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
  const owns = finite(runs.map(({ own }) => own));
  const all = finite(runs.flatMap(({ own, low, high }) => [own, low, high]));
  if (all.length === 0) return [...runs];
  const bounds = [Math.min(...all), Math.max(...all)];
  const ownBounds = [Math.min(...owns), Math.max(...owns), ...bounds];
  return runs.filter(
    ({ own, low, high }) => ownBounds.includes(own) || bounds.includes(low) || bounds.includes(high),
  );
}

/** A run that ended beyond all numbers: its only finite one is neither the smallest minimum nor a maximum. */
const infinite = { own: Number.POSITIVE_INFINITY, low: 7, high: Number.POSITIVE_INFINITY };

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
    { numRuns: 2000, examples: [[[[infinite, { own: 0, low: 0, high: 0.5 }]], "testAccuracy"]] },
  );
  expect(told).toBeGreaterThan(5);
});
