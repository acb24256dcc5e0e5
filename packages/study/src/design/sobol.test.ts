import { sweepSpec } from "@reprise/contracts";
import { expect, it } from "vitest";
import { configurationsOf } from "./expand-sweep.js";
import { sobolDimensions, sobolPoint } from "./sobol.js";

it("is the sequence of Joe and Kuo in Gray-code order (checked against scipy.stats.qmc.Sobol 1.17, unscrambled)", () => {
  const first = Array.from({ length: 8 }, (_, index) => sobolPoint(index, 4));
  expect(first).toEqual([
    [0, 0, 0, 0],
    [0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25],
    [0.25, 0.75, 0.75, 0.75],
    [0.375, 0.375, 0.625, 0.875],
    [0.875, 0.875, 0.125, 0.375],
    [0.625, 0.125, 0.875, 0.625],
    [0.125, 0.625, 0.375, 0.125],
  ]);
  expect(sobolPoint(1000, sobolDimensions)).toEqual([
    0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375,
    0.8994140625, 0.5009765625, 0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625,
    0.1435546875, 0.3701171875, 0.7197265625, 0.3447265625, 0.9912109375, 0.7255859375, 0.5224609375,
    0.5498046875, 0.9501953125, 0.5400390625, 0.5830078125, 0.9072265625, 0.0400390625, 0.9794921875,
    0.0595703125, 0.3408203125, 0.1474609375, 0.1455078125,
  ]);
});

it("fills every half, quarter, … of every dimension equally often", () => {
  for (let dimension = 0; dimension < sobolDimensions; dimension++) {
    const cells = Array.from({ length: 256 }, (_, index) =>
      Math.floor((sobolPoint(index, sobolDimensions)[dimension] ?? 0) * 256),
    );
    expect(new Set(cells).size).toBe(256);
  }
});

it("draws configurations that more samples leave as they are, whatever the order of the parameters", () => {
  const learningRate = { min: 1e-4, max: 1e-1, scale: "log" };
  const optimizer = ["adam", "sgd"];
  const search = (parameters: object, samples: number, skip = 0) =>
    configurationsOf(
      sweepSpec.parse({ name: "s", dataset: "wdbc", search: { method: "sobol", parameters, samples, skip } }),
    ).map(({ params }) => params);
  const four = search({ learningRate, optimizer }, 4);
  expect(four[0]).toEqual({ learningRate: 0.00316227766017, optimizer: "sgd" });
  expect(search({ optimizer, learningRate }, 8).slice(0, 4)).toEqual(four);
  expect(search({ learningRate, optimizer }, 2, 2)).toEqual(four.slice(2));
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, { min: 0, max: 1 }]));
  expect(() => search(many, 4)).toThrow(/at most 32 parameters/);
});
