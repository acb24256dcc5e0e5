import { describe, expect, it } from "vitest";
import { classVectors, zeroShotMetrics, zeroShotScores } from "./zero-shot.js";

// Texts are unit vectors in the plane, by their angle in degrees.
const unit = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const texts = Float32Array.from([0, 60, 90, 180].flatMap(unit));
const images = Float32Array.from([30, 80, 150].flatMap(unit));
const given = { images, rows: [0, 1, 2], texts, embedDim: 2 };

describe("zero-shot answers", () => {
  it("come from the mean of a class's prompts, made a unit vector again", () => {
    const [several, one] = classVectors({ prompts: [[0, 1], [3]] }, texts, 2);
    expect([...(several ?? [])]).toEqual(unit(30).map((value) => expect.closeTo(value, 6)));
    expect([...(one ?? [])]).toEqual(unit(180).map((value) => expect.closeTo(value, 6)));
  });

  it("are cosines for several classes, and the nearest class is given", () => {
    const question = {
      name: "q",
      classes: ["a", "b", "c"],
      positiveClass: null,
      prompts: [[0, 1], [2], [3]],
    };
    const scores = zeroShotScores(question, given);
    expect(scores[0]?.[0]).toBeCloseTo(1, 6);
    expect(scores[1]?.[1]).toBeCloseTo(Math.cos((10 * Math.PI) / 180), 6);
    const metrics = Object.fromEntries(zeroShotMetrics(question, Int32Array.of(0, 1, 1), scores));
    expect(metrics.Accuracy).toBeCloseTo(2 / 3, 12);
    expect(Object.keys(metrics)).toEqual(["Accuracy", "Auc"]);
  });

  it("are one half for a picture between two classes, whichever is positive; rates are the positive one's", () => {
    const question = { name: "q", classes: ["yes", "no"], positiveClass: 0, prompts: [[0], [1]] };
    const scores = zeroShotScores(question, given);
    expect(scores[0]).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.5, 6)]);
    const other = zeroShotScores({ ...question, positiveClass: 1 }, given);
    expect(other[1]).toEqual(scores[1]?.map((value) => expect.closeTo(value, 12)));
    // At 80° and 150° the text at 60° is nearer: "no". One of two "yes" is missed, the one "no" is left alone.
    const clear = { ...given, images: Float32Array.from([10, 80, 150].flatMap(unit)) };
    const metrics = zeroShotMetrics(question, Int32Array.of(0, 0, 1), zeroShotScores(question, clear));
    expect(Object.fromEntries(metrics)).toEqual({
      Accuracy: expect.closeTo(2 / 3, 12),
      Auc: expect.any(Number),
      Sensitivity: 0.5,
      Specificity: 1,
    });
  });
});
