import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { delong } from "./classification/auc.js";
import { proportionInterval } from "./classification/proportions.js";
import { adjustPValues } from "./error-rates/multiplicity.js";
import { effectSize } from "./means/effect-size.js";
import { tostWelch } from "./means/equivalence.js";
import { newObservationTFromSample } from "./means/new-observation.js";
import { oneSampleT, pairedT, studentT, welchT } from "./means/t-tests.js";
import { tCdf, tQuantile } from "./numerics/distributions.js";
import { rankCorrelation } from "./ranks/rank-correlation.js";
import { mannWhitneyU, wilcoxonSignedRank } from "./ranks/rank-tests.js";
import { varianceComponentsOneway } from "./spread/variance-components.js";
import { levene } from "./spread/variance-tests.js";
import { median, quantile, standardDeviation } from "./summary.js";
import { linearCka, pairwiseCosine, pairwiseRepresentations } from "./weights/similarity.js";
import { ulpDistance } from "./weights/ulp.js";

/** Integers: shifts and scalings by powers of two are exact, so results must agree to rounding. */
const sample = (minLength = 3) => fc.array(fc.integer({ min: -50, max: 50 }), { minLength, maxLength: 15 });
const varied = (minLength = 3) => sample(minLength).filter((x) => new Set(x).size > 2);
const shuffled = <T>(x: readonly T[]) =>
  fc.shuffledSubarray([...x], { minLength: x.length, maxLength: x.length });

function close(actual: number, expected: number) {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.max(1e-3, Math.abs(expected)));
}

describe("t-tests", () => {
  it("do not depend on where zero is, on the unit, or on the order", () => {
    const cases = fc.tuple(
      varied(),
      varied(),
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: -20, max: 20 }),
    );
    fc.assert(
      fc.property(cases, ([x, y, shift, exponent]) => {
        const scale = 2 ** exponent;
        const move = (values: number[]) => values.map((v) => (v + shift) * scale).reverse();
        for (const test of [welchT, studentT]) {
          const before = test(x, y);
          const after = test(move(x), move(y));
          close(after.statistic, before.statistic);
          close(after.pvalue, before.pvalue);
          close(after.interval[0] / scale, before.interval[0]);
        }
        close(oneSampleT(move(x), (7 + shift) * scale).statistic, oneSampleT(x, 7).statistic);
        close(
          newObservationTFromSample(move(x), (7 + shift) * scale).pvalue,
          newObservationTFromSample(x, 7).pvalue,
        );
      }),
    );
  });

  it("change sign when the samples swap, and one-sided p-values add up to 1", () => {
    fc.assert(
      fc.property(varied(), varied(), (x, y) => {
        const forward = welchT(x, y, { alternative: "less" });
        const backward = welchT(y, x, { alternative: "less" });
        close(backward.statistic, -forward.statistic);
        close(forward.pvalue + backward.pvalue, 1);
        close(welchT(x, y).pvalue, 2 * Math.min(forward.pvalue, backward.pvalue));
      }),
    );
  });

  it("reject at 5 % exactly when the 95 % interval leaves out the null value", () => {
    fc.assert(
      fc.property(varied(), varied(), (x, y) => {
        const { pvalue, interval } = welchT(x, y);
        fc.pre(Math.abs(pvalue - 0.05) > 1e-9);
        expect(interval[0] > 0 || interval[1] < 0).toBe(pvalue < 0.05);
      }),
    );
  });

  it("agree where they are the same test", () => {
    fc.assert(
      fc.property(varied(), fc.integer({ min: -60, max: 60 }), (x, d) => {
        close(
          pairedT(
            x,
            x.map(() => d),
          ).statistic,
          oneSampleT(x, d).statistic,
        );
        close(
          newObservationTFromSample(x, d).statistic * -Math.sqrt(x.length + 1),
          oneSampleT(x, d).statistic,
        );
      }),
    );
  });
});

describe("equivalence", () => {
  it("holds exactly when the 90 % interval lies inside the margin", () => {
    fc.assert(
      fc.property(varied(), varied(), fc.integer({ min: 1, max: 60 }), (x, y, margin) => {
        const { interval, equivalent, pvalue } = tostWelch(x, y, { low: -margin, upp: margin });
        fc.pre(Math.abs(pvalue - 0.05) > 1e-9);
        expect(equivalent).toBe(interval[0] > -margin && interval[1] < margin);
      }),
    );
  });
});

describe("rank tests", () => {
  it("see only the order", () => {
    fc.assert(
      fc.property(varied(), varied(), (x, y) => {
        const cubed = (values: number[]) => values.map((v) => v ** 3);
        expect(mannWhitneyU(cubed(x), cubed(y))).toEqual(mannWhitneyU(x, y));
        const n = Math.min(x.length, y.length);
        fc.pre(new Set(x.slice(0, n)).size > 1 && new Set(y.slice(0, n)).size > 1);
        close(
          rankCorrelation(cubed(x.slice(0, n)), y.slice(0, n)).tauB,
          rankCorrelation(x.slice(0, n), y.slice(0, n)).tauB,
        );
      }),
    );
  });

  it("are symmetric", () => {
    fc.assert(
      fc.property(varied(), varied(), (x, y) => {
        const forward = mannWhitneyU(x, y);
        const backward = mannWhitneyU(y, x);
        expect(forward.statistic + backward.statistic).toBe(x.length * y.length);
        close(forward.cliffsDelta, -backward.cliffsDelta);
        close(forward.pvalue, backward.pvalue);
        const d = x.filter((v) => v !== 0);
        fc.pre(d.length > 0);
        close(wilcoxonSignedRank(d.map((v) => -v)).pvalue, wilcoxonSignedRank(d).pvalue);
      }),
    );
  });

  it("have exact distributions that equal a count of all possibilities", () => {
    for (let wanted = 0; wanted <= 10; wanted++) {
      // Signed ranks 1..4, every sign pattern.
      let atMost = 0;
      for (let signs = 0; signs < 16; signs++) {
        const w = [1, 2, 3, 4].reduce((sum, rank, bit) => sum + ((signs >> bit) & 1 ? rank : 0), 0);
        if (w <= wanted) atMost += 1;
      }
      const signs = [...Array(16).keys()].find(
        (pattern) =>
          [1, 2, 3, 4].reduce((sum, rank, bit) => sum + ((pattern >> bit) & 1 ? rank : 0), 0) === wanted,
      );
      const d = [1, 2, 3, 4].map((size, bit) => ((Number(signs) >> bit) & 1 ? size : -size));
      close(wilcoxonSignedRank(d, { alternative: "less", method: "exact" }).pvalue, atMost / 16);
    }
  });
});

describe("spread", () => {
  it("tests ignore the order of groups and of values", () => {
    const groups = fc.array(varied(4), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        groups.chain((g) => fc.tuple(fc.constant(g), shuffled(g))),
        ([before, after]) => {
          close(levene(after.map((g) => [...g].reverse())).pvalue, levene(before).pvalue);
        },
      ),
    );
  });

  it("components add up to the variance of group means", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), {
          minLength: 3,
          maxLength: 6,
        }),
        (groups) => {
          const { msBetween, varBetweenRaw, varWithin } = varianceComponentsOneway(groups);
          close(4 * varBetweenRaw + varWithin, msBetween);
        },
      ),
    );
  });
});

describe("adjusted p-values", () => {
  const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
  it("never fall below the raw ones, keep their order, and rank the methods", () => {
    fc.assert(
      fc.property(family, (p) => {
        const holm = adjustPValues(p, { method: "holm" }).adjusted;
        const bonferroni = adjustPValues(p, { method: "bonferroni" }).adjusted;
        const hommel = adjustPValues(p, { method: "hommel" }).adjusted;
        const bh = adjustPValues(p, { method: "bh" }).adjusted;
        p.forEach((value, i) => {
          const slack = 1e-12;
          expect(Number(holm[i])).toBeLessThanOrEqual(Number(bonferroni[i]) + slack);
          expect(Number(hommel[i])).toBeLessThanOrEqual(Number(holm[i]) + slack);
          expect(Number(bh[i])).toBeLessThanOrEqual(Number(hommel[i]) + slack);
          expect(Number(bh[i])).toBeGreaterThanOrEqual(value - slack);
          p.forEach((other, j) => {
            if (value < other) expect(Number(holm[i])).toBeLessThanOrEqual(Number(holm[j]));
          });
        });
      }),
    );
  });

  it("do not count NaN as members of the family", () => {
    expect(adjustPValues([0.01, Number.NaN, 0.02], { method: "bonferroni" })).toMatchObject({
      adjusted: [0.02, Number.NaN, 0.04],
      excluded: [1],
      reject: [true, false, true],
    });
  });
});

describe("other measures", () => {
  it("Wilson and Clopper-Pearson contain the estimate, stay in 0..1 and mirror", () => {
    const cases = fc
      .integer({ min: 1, max: 500 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom("wilson", "clopper-pearson", "jeffreys", "agresti-coull"),
        ([k, n], method) => {
          const { low, high, estimate } = proportionInterval(k, n, { method });
          const mirrored = proportionInterval(n - k, n, { method });
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          if (method === "wilson" || method === "clopper-pearson") {
            expect(low).toBeLessThanOrEqual(estimate);
            expect(high).toBeGreaterThanOrEqual(estimate);
          }
          close(1 - mirrored.high, low);
        },
      ),
    );
  });

  it("effect sizes and similarities ignore scale", () => {
    fc.assert(
      fc.property(varied(4), varied(4), fc.integer({ min: -300, max: 300 }), (x, y, exponent) => {
        const scale = 2 ** exponent;
        const scaled = (values: number[]) => values.map((v) => v * scale);
        close(effectSize(scaled(x), scaled(y)).hedgesG, effectSize(x, y).hedgesG);
        const n = Math.min(x.length, y.length);
        close(
          pairwiseCosine([scaled(x.slice(0, n)), y.slice(0, n)]).mean,
          pairwiseCosine([x.slice(0, n), y.slice(0, n)]).mean,
        );
        const rows = (values: number[]) => values.slice(0, n).map((v, i) => [v, i]);
        const cka = linearCka(rows(x), rows(y)).cka;
        close(linearCka(rows(x).map(scaled), rows(y)).cka, cka);
        close(pairwiseRepresentations([rows(x), rows(y)]).cka.mean, cka);
      }),
    );
  });

  it("CKA of a representation with its rotation and rescaling is 1", () => {
    fc.assert(
      fc.property(varied(4), varied(4), fc.double({ min: -3, max: 3, noNaN: true }), (a, b, angle) => {
        const n = Math.min(a.length, b.length);
        const x = a.slice(0, n).map((v, i) => [v, Number(b[i])]);
        fc.pre(new Set(x.map(String)).size > 1);
        const y = x.map(([u = 0, v = 0]) => [
          3 * (u * Math.cos(angle) - v * Math.sin(angle)) + 5,
          3 * (u * Math.sin(angle) + v * Math.cos(angle)),
        ]);
        close(linearCka(x, y).cka, 1);
        expect(linearCka(x, y).cka).toBeLessThanOrEqual(1);
        close(pairwiseRepresentations([x, y]).cka.mean, 1);
      }),
    );
  });

  it("DeLong's test is antisymmetric, and an area plus its mirror is 1", () => {
    const cases = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 1 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
      ),
      {
        minLength: 6,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(cases, (drawn) => {
        const labels = drawn.map(([label]) => label);
        const a = drawn.map(([, score]) => score);
        const b = drawn.map(([, , score]) => score);
        const positives = labels.filter((label) => label === 1).length;
        fc.pre(positives > 1 && positives < labels.length - 1);
        const forward = delong(labels, a, b);
        const backward = delong(labels, b, a);
        expect(Number(forward.z)).toBeCloseTo(-Number(backward.z), 8);
        close(
          delong(
            labels,
            a.map((v) => -v),
          ).aucA,
          1 - forward.aucA,
        );
      }),
    );
  });

  it("ULP distances are a metric on the line of floats", () => {
    const numbers = fc.double({ noNaN: true });
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, c) => {
        const distance = (u: number, v: number) => ulpDistance(u, v).ulps ?? -1n;
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0n).toBe(a === b);
        const [low = 0, middle = 0, high = 0] = [a, b, c].sort((u, v) => (u < v ? -1 : u > v ? 1 : 0));
        expect(distance(low, middle) + distance(middle, high)).toBe(distance(low, high));
      }),
    );
  });

  it("quantiles grow with p and the median is the middle one", () => {
    fc.assert(
      fc.property(
        sample(1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, p, q) => {
          expect(quantile(x, Math.min(p, q))).toBeLessThanOrEqual(quantile(x, Math.max(p, q)) + 1e-12);
          close(quantile(x, 0.5), median(x));
          if (x.length > 1) close(standardDeviation(x.map((v) => v + 1e9)), standardDeviation(x));
        },
      ),
    );
  });

  it("t quantiles invert the distribution, far out as well", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -690, max: -0.7, noNaN: true }),
        fc.double({ min: 0.5, max: 1e6, noNaN: true }),
        (logP, df) => {
          const p = Math.exp(logP);
          const t = tQuantile(p, df);
          fc.pre(Number.isFinite(t));
          expect(Math.abs(tCdf(t, df) / p - 1)).toBeLessThan(1e-9);
        },
      ),
    );
  });
});
