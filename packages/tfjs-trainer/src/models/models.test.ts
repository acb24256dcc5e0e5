import { describe, expect, test } from "vitest";
import { exactLog, normals } from "../arithmetic/normals.js";
import { draws, streamKey } from "../arithmetic/streams.js";
import {
  digestedParameters,
  effectiveHyperparameters,
  refuseMisfits,
  usedParameters,
} from "../hyperparameters/effective.js";
import { initialise, layOut } from "../loop/layout.js";
import { buildModel } from "./build-model.js";

const layoutOf = (
  parameters: Parameters<typeof effectiveHyperparameters>[0],
  inputShape: number[],
  classes: number,
) => layOut(buildModel(effectiveHyperparameters(parameters), inputShape, classes).tensors);

describe("parameter counts", () => {
  test("mlp with batch norm: no bias where the normalisation would cancel it", () => {
    const { trained, total } = layoutOf({ hiddenUnits: [64, 64] }, [30], 2);
    expect(trained).toBe(30 * 64 + 2 * 64 + 64 * 64 + 2 * 64 + 64 * 2 + 2);
    expect(total - trained).toBe(4 * 64);
  });

  test("mlp without batch norm", () => {
    const { trained, total } = layoutOf({ hiddenUnits: [10], batchNorm: false }, [8, 8, 1], 10);
    expect(trained).toBe(64 * 10 + 10 + 10 * 10 + 10);
    expect(total).toBe(trained);
  });

  test("mlp without hidden layers is logistic regression", () => {
    expect(layoutOf({ hiddenUnits: [] }, [30], 2).trained).toBe(30 * 2 + 2);
  });

  test("cnn", () => {
    const { trained, total } = layoutOf({ model: "cnn", filters: [16, 32] }, [32, 32, 3], 10);
    expect(trained).toBe(27 * 16 + 2 * 16 + 9 * 16 * 32 + 2 * 32 + 8 * 8 * 32 * 10 + 10);
    expect(total - trained).toBe(2 * 16 + 2 * 32);
  });
});

type Requested = Parameters<typeof effectiveHyperparameters>[0];

/**
 * Trainable parameters, batch norm's running statistics not counted. Sources: He et al. (2016a), Table 6 (0.27, 0.46, 0.66, 0.85 and
 * 1.7 million); torchvision's model pages (resnet18, resnet34, mobilenet_v2, mobilenet_v3_large); the first MobileNet as in Keras
 * applications (4,253,864 less 21,888 statistics). CIFAR-10 forms of the four-stage networks: counted from the public definitions in PyTorch 2.13.
 */
const published: [Requested, number, number][] = [
  [{ model: "resnet", depth: 20 }, 10, 269_722],
  [{ model: "resnet", depth: 32 }, 10, 464_154],
  [{ model: "resnet", depth: 44 }, 10, 658_586],
  [{ model: "resnet", depth: 56 }, 10, 853_018],
  [{ model: "resnet", depth: 110 }, 10, 1_727_962],
  [{ model: "resnet", depth: 8 }, 10, 75_290],
  [{ model: "resnet", depth: 18, stem: "imagenet" }, 1000, 11_689_512],
  [{ model: "resnet", depth: 34, stem: "imagenet" }, 1000, 21_797_672],
  [{ model: "resnet", depth: 18 }, 10, 11_173_962],
  [{ model: "preact-resnet", depth: 18 }, 10, 11_171_146],
  [{ model: "mobilenet", variant: "v1", stem: "imagenet" }, 1000, 4_231_976],
  [{ model: "mobilenet", variant: "v1", stem: "imagenet", widthMultiplier: 0.25 }, 1000, 470_072],
  [{ model: "mobilenet", variant: "v2", stem: "imagenet" }, 1000, 3_504_872],
  [{ model: "mobilenet", variant: "v2", stem: "imagenet", widthMultiplier: 0.5 }, 1000, 1_968_680],
  [{ model: "mobilenet", variant: "v3-large", stem: "imagenet" }, 1000, 5_483_032],
];

test.each(published)("%j with %i classes has %i trained parameters", (parameters, classes, count) => {
  const side = parameters.stem === "imagenet" ? 224 : 32;
  expect(layoutOf(parameters, [side, side, 3], classes).trained).toBe(count);
});

test.each([
  [{ model: "resnet", depth: 21 }, /"depth" \(value 21\) does not fit model resnet/],
  [{ model: "preact-resnet", depth: 20 }, /"depth" \(value 20\) does not fit model preact-resnet/],
  [
    { model: "resnet", depth: 20, stem: "imagenet" },
    /"stem" \(value "imagenet"\) does not fit model resnet and depth 20: depths 6n/,
  ],
  [{ model: "mobilenet", batchNorm: false }, /"batchNorm" \(value false\) does not fit model mobilenet/],
])("%j is refused", (parameters, message) => {
  expect(() =>
    refuseMisfits(effectiveHyperparameters(parameters), { task: "classification", data: "images" }),
  ).toThrow(message);
});

test("a table is not an image", () => {
  expect(() => layoutOf({ model: "resnet" }, [30], 2)).toThrow(/"resnet" needs images/);
});

describe("initial values", () => {
  test("normal draws have the moments and tails of the normal distribution, and a logarithm of our own", () => {
    for (const x of [1e-300, 0.1, 0.7499, 0.75, 1, 1.4999, 1.5, Math.E, 12345.678]) {
      expect(exactLog(x)).toBeCloseTo(Math.log(x), 12);
    }
    const next = normals(draws(streamKey(3, "init", null), 0));
    const values = Array.from({ length: 100_000 }, next);
    const moment = (power: number) => values.reduce((sum, v) => sum + v ** power, 0) / values.length;
    // Standard errors: 0.0032, 0.0045, 0.012 and 0.031.
    expect(Math.abs(moment(1))).toBeLessThan(0.016);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.022);
    expect(Math.abs(moment(3))).toBeLessThan(0.06);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.155);
    const beyondTwo = values.filter((v) => Math.abs(v) > 2).length / values.length;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.0033);
  });

  test("filters of an ImageNet resnet: He normal by fan-out; dense layer: within 1/√fanIn", () => {
    const layout = layoutOf({ model: "resnet", stem: "imagenet", widthMultiplier: 0.25 }, [64, 64, 3], 10);
    const values = new Float32Array(layout.total);
    initialise(values, layout, streamKey(0, "init", null));
    const of = (name: string) => {
      const { offset, size } = layout.tensors.find((tensor) => tensor.name === name) ?? {
        offset: 0,
        size: 0,
      };
      return values.subarray(offset, offset + size);
    };
    const filter = of("stage4/block2/conv1/filter");
    expect(filter.length).toBe(9 * 128 * 128);
    expect(filter.reduce((sum, w) => sum + w * w, 0) / filter.length / (2 / (9 * 128))).toBeCloseTo(1, 1);
    const bound = Math.max(...of("logits/weight").map(Math.abs));
    expect(bound).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(128)));
    expect(bound).toBeGreaterThan(0.99 / Math.sqrt(128));
    expect(of("logits/bias").some((value) => value !== 0)).toBe(true);
  });

  test("weights fill He's range evenly; scales and variances are 1, the rest 0; seed 0 is a seed", () => {
    const layout = layoutOf({ hiddenUnits: [64] }, [30], 2);
    const values = new Float32Array(layout.total).fill(Number.NaN);
    initialise(values, layout, streamKey(0, "init", null));
    const of = (name: string) => {
      const tensor = layout.tensors.find((candidate) => candidate.name === name);
      if (!tensor) throw new Error(name);
      return values.subarray(tensor.offset, tensor.offset + tensor.size);
    };
    const limit = Math.sqrt(6 / 30);
    const weights = of("dense0/weight");
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    expect(variance / (2 / 30)).toBeCloseTo(1, 1);
    expect(new Set(of("norm0/gamma"))).toEqual(new Set([1]));
    expect(new Set(of("norm0/runningVariance"))).toEqual(new Set([1]));
    expect(new Set([...of("norm0/beta"), ...of("norm0/runningMean"), ...of("logits/bias")])).toEqual(
      new Set([0]),
    );
    const again = new Float32Array(layout.total);
    initialise(again, layout, streamKey(0, "init", null));
    expect(again).toEqual(values);
  });
});

describe("effective configuration", () => {
  test("lists what is used with defaults, and leaves out what is not", () => {
    const used = usedParameters(
      effectiveHyperparameters({ optimizer: "sgd", momentum: 0.9, clipNorm: null, beta1: null }),
    );
    expect(used).toMatchObject({
      optimizer: "sgd",
      momentum: 0.9,
      nesterov: false,
      clipNorm: null,
      batchNormMomentum: 0.9,
    });
    for (const unused of ["beta1", "filters", "decayEvery"]) expect(used).not.toHaveProperty(unused);
  });

  test("a later hyperparameter leaves the digest of a configuration of before as it was", () => {
    const digested = (requested: Parameters<typeof effectiveHyperparameters>[0]) =>
      digestedParameters(usedParameters(effectiveHyperparameters({ weightDecay: 0.1, ...requested })));
    expect(digested({})).not.toHaveProperty("decayedParameters");
    expect(digested({ decayedParameters: "weights" })).toEqual(digested({}));
    expect(digested({ decayedParameters: "all" })).toMatchObject({ decayedParameters: "all" });
  });

  test.each([
    [{ hiddenUnit: [64] }, /"hiddenUnit" \(value \[64\]\)/],
    [{ hiddenUnits: [64, 0.5] }, /"hiddenUnits" every item must be a whole number/],
    [{ filters: [8, 8] }, /"filters" \(value \[8,8\]\) would not be used: model is mlp/],
    [{ scheduler: "cosine", decayEvery: 3 }, /"decayEvery".*scheduler is cosine/],
    [{ optimizer: "sgd", nesterov: true }, /"nesterov".*momentum is 0/],
    [{ learningRate: "0.1" }, /"learningRate" must be a number; given: "0.1"/],
  ])("%j is refused", (given, message) => {
    expect(() => effectiveHyperparameters(given)).toThrow(message);
  });
});
