import { expect, test } from "vitest";
import { attributesOf } from "./attributes.js";

const attribute = attributesOf({
  attrs: {
    units: 3,
    half: 0.5,
    turned: true,
    sides: [2, 3],
    lengths: [1, 2, 3, 4],
    word: "same",
    pad: "same",
  },
});

test("attributes are read as what they should be", () => {
  expect(attribute.integer("units")).toBe(3);
  expect([attribute.flag("turned"), attribute.flag("absent")]).toEqual([true, false]);
  expect(attribute.shape("lengths")).toEqual([1, 2, 3, 4]);
  expect([attribute.pair("sides"), attribute.pair("units"), attribute.pair("absent", 1)]).toEqual([
    [2, 3],
    [3, 3],
    [1, 1],
  ]);
  expect([attribute.padding(), attribute.rounding()]).toEqual(["same", undefined]);
});

test("one of another kind is named with its value", () => {
  expect(() => attribute.integer("half")).toThrow('Kernel attribute "half" has an unexpected value: 0.5.');
  expect(() => attribute.integer("absent")).toThrow(/"absent".*undefined/);
  expect(() => attribute.flag("units")).toThrow('"units" has an unexpected value: 3');
  expect(() => attribute.shape("sides")).toThrow(/four/);
  expect(() => attribute.shape("word")).toThrow('"word" has an unexpected value: "same"');
  expect(() => attribute.pair("lengths")).toThrow(/"lengths"/);
  expect(() => attributesOf({}).padding()).toThrow(/"pad"/);
  expect(() => attributesOf({ attrs: { dimRoundingMode: "up" } }).rounding()).toThrow(
    /"dimRoundingMode".*"up"/,
  );
});
