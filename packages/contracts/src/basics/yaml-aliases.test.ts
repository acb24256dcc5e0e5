import { expect, it } from "vitest";
import { exactDocument } from "./exact-numbers.js";
import { AliasError } from "./yaml-aliases.js";

// How texts with such aliases are refused before they are followed is tested where they are read.

it("refuses a document that holds itself, at once", () => {
  const held: Record<string, unknown> = {};
  Object.assign(held, { b: held, c: [held] });
  expect(() => exactDocument({ a: held })).toThrow(AliasError);
});

it("refuses parts that repeat in parts that repeat", () => {
  let doubled: unknown = [];
  for (let level = 0; level < 40; level += 1) doubled = [doubled, doubled];
  expect(() => exactDocument(doubled)).toThrow(/repeat/);
});

it("copies a part to each of its places", () => {
  const seeds = [1n, 2n];
  const { value } = exactDocument({ a: seeds, b: { seeds } });
  expect(value).toEqual({ a: [1, 2], b: { seeds: [1, 2] } });
  expect(Object.values(Object(value))[0]).not.toBe(Object(value).b.seeds);
});
