import { describe, expect, it } from "vitest";
import type { MetricInfo } from "./metric-info.js";
import { divergenceOf } from "./training-divergence.js";

const from = (step: number, since: number | null = step) => ({
  nonFinite: { step, value: "NaN" as const, since },
});
const fine = { nonFinite: null };
const announced = (key: string, info: Partial<MetricInfo> = {}): MetricInfo => ({
  ...{ key, label: key, direction: null, unit: "", split: null },
  ...info,
});

describe("divergence is shown by", () => {
  it.each([
    "trainLoss",
    "validationLoss",
    "train/loss",
    "loss_ce",
    "val-loss (total)",
    "perplexity",
    "nll",
    "train/mse",
    "grad_norm",
    "gradientNorm",
    "gradients/global norm",
    "weight_norm",
    "parameterNorm",
  ])("%s that is NaN to the end", (key) => {
    expect(divergenceOf({ [key]: from(3), testAccuracy: fine }, [])).toEqual({ key, step: 3 });
  });

  it.each(["testAuc", "validationAccuracy", "loss_scale", "lossScale", "learningRate", "glossary", "f1"])(
    "nothing that %s does",
    (key) => expect(divergenceOf({ [key]: from(3) }, [])).toBeNull(),
  );

  it("a metric that is announced as a loss, and by no name that is announced as none", () => {
    expect(divergenceOf({ energy: from(2) }, [announced("energy", { loss: true })])).toEqual({
      ...{ key: "energy", step: 2 },
    });
    expect(divergenceOf({ hairLoss: from(2) }, [announced("hairLoss", { loss: false })])).toBeNull();
  });

  it("a loss also where it is finite again, a norm of gradients only where it is not", () => {
    expect(divergenceOf({ trainLoss: from(2, null) }, [])).toEqual({ key: "trainLoss", step: 2 });
    expect(divergenceOf({ gradNorm: from(2, null) }, [])).toBeNull();
    expect(divergenceOf({ gradNorm: from(1, 7) }, [])).toEqual({ key: "gradNorm", step: 7 });
  });

  it("the first step of all metrics, and at one step the loss in training", () => {
    const all = { validationLoss: from(1), gradNorm: from(1), trainLoss: from(1), trainNll: from(2) };
    expect(divergenceOf(all, [])).toEqual({ key: "trainLoss", step: 1 });
    expect(divergenceOf({ ...all, validationLoss: from(0) }, [])).toEqual({ key: "validationLoss", step: 0 });
  });

  it("a final value, behind all that have a step", () => {
    const final = { nonFinite: { step: null, value: "Infinity" as const, since: null } };
    expect(divergenceOf({ testLoss: final }, [])).toEqual({ key: "testLoss", step: null });
    expect(divergenceOf({ testLoss: final, validationLoss: from(9) }, [])).toEqual({
      ...{ key: "validationLoss", step: 9 },
    });
  });
});
