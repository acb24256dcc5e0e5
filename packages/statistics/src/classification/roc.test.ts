import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  areaUnderRoc,
  macroAreaUnderRoc,
  rocCorners,
  rocPoints,
  thresholdAtSensitivity,
  truePositiveRatesAt,
  youdenThreshold,
} from "./roc.js";

const labels = [1, 0, 1, 1, 0, 0, 1, 0];
const scores = [0.9, 0.4, 0.6, 0.4, 0.1, 0.7, 0.8, 0.2];

describe("ROC", () => {
  it("averages one-vs-rest areas, undefined when a class has no case", () => {
    const rows = [
      [0.8, 0.1, 0.1],
      [0.3, 0.4, 0.3],
      [0.1, 0.2, 0.7],
      [0.4, 0.5, 0.1],
    ];
    // scikit-learn 1.9.1: roc_auc_score(multi_class="ovr", average="macro")
    expect(macroAreaUnderRoc([0, 1, 2, 0], rows)).toBeCloseTo(8 / 9, 15);
    expect(macroAreaUnderRoc([0, 1, 1, 0], rows)).toBeNaN();
  });

  it("counts ties as half", () => {
    expect(areaUnderRoc(labels, scores, 1)).toBe(13.5 / 16);
    expect(areaUnderRoc([1, 0], [0.5, 0.5], 1)).toBe(0.5);
    expect(areaUnderRoc([1, 0], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 1)).toBe(1);
    expect(areaUnderRoc([1, 1], [0.5, 0.7], 1)).toBeNaN();
    expect(areaUnderRoc([1, 0], [0.5, Number.NaN], 1)).toBeNaN();
  });

  it("equals the pair count, and 1 - itself when labels are swapped", () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 6 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(cases, (drawn) => {
        const y = drawn.map(([label]) => label);
        const s = drawn.map(([, score]) => score);
        fc.pre(y.includes(0) && y.includes(1));
        let wins = 0;
        let pairs = 0;
        for (let i = 0; i < y.length; i++) {
          for (let j = 0; j < y.length; j++) {
            if (y[i] !== 1 || y[j] !== 0) continue;
            pairs += 1;
            wins += Number(s[i]) > Number(s[j]) ? 1 : s[i] === s[j] ? 0.5 : 0;
          }
        }
        const auc = areaUnderRoc(y, s, 1);
        expect(auc).toBeCloseTo(wins / pairs, 14);
        expect(auc + areaUnderRoc(y, s, 0)).toBeCloseTo(1, 14);
      }),
    );
  });

  it("runs from (0, 0) to (1, 1), and its trapezoids add up to the area", () => {
    const points = rocPoints(labels, scores, 1);
    expect(points[0]).toEqual({
      threshold: Number.POSITIVE_INFINITY,
      falsePositiveRate: 0,
      truePositiveRate: 0,
    });
    expect(points.at(-1)).toEqual({ threshold: 0.1, falsePositiveRate: 1, truePositiveRate: 1 });
    let area = 0;
    points.slice(1).forEach((p, i) => {
      const previous = points[i];
      if (previous === undefined) throw new Error("one point too few");
      const width = p.falsePositiveRate - previous.falsePositiveRate;
      area += (width * (p.truePositiveRate + previous.truePositiveRate)) / 2;
    });
    expect(area).toBeCloseTo(areaUnderRoc(labels, scores, 1), 14);
    expect(() => rocPoints([1, 0], [0.5, Number.NaN], 1)).toThrow(/scores\[1\]/);
  });

  it("finds thresholds on validation data", () => {
    expect(youdenThreshold([1, 1, 0, 0], [0.9, 0.6, 0.5, 0.1], 1)).toBe(0.6);
    expect(thresholdAtSensitivity(labels, scores, { positiveClass: 1, target: 0.9 })).toBe(0.4);
    expect(thresholdAtSensitivity([0], [0.3], { positiveClass: 1, target: 0.9 })).toBeNaN();
  });

  it("keeps its area when only the corners are left, and is read off between them", () => {
    const area = (points: ReturnType<typeof rocPoints>) =>
      points.slice(1).reduce((sum, point, index) => {
        const before = points[index];
        if (!before) return sum;
        const width = point.falsePositiveRate - before.falsePositiveRate;
        return sum + (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
      }, 0);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9 })), { minLength: 8 }),
        (cases) => {
          const points = rocPoints(
            [0, 1, ...cases.map(([label]) => label)],
            [3, 5, ...cases.map(([, score]) => score)],
            1,
          );
          const corners = rocCorners(points);
          expect(area(corners)).toBeCloseTo(area(points), 12);
          const rates = [0, 0.13, 0.5, 1];
          for (const [at, reached] of truePositiveRatesAt(corners, rates).entries())
            expect(reached).toBeCloseTo(truePositiveRatesAt(points, rates)[at] ?? Number.NaN, 12);
        },
      ),
    );
    // Scores 0.9 | 0.8 | 0.7 (negative) | 0.6 | 0.4 (tie of both): one step of ties is a slope.
    const points = rocPoints(labels, scores, 1);
    expect(truePositiveRatesAt(points, [0, 0.25, 0.375, 1])).toEqual([0.5, 0.75, 0.875, 1]);
  });
});
