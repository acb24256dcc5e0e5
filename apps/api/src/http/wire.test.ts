import { sweepSpec } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serializerCompiler, toWire } from "./wire.js";

describe("the wire form of answers", () => {
  it("names numbers that JSON cannot write, at any depth", () => {
    expect(toWire({ a: [1, Number.NaN], b: { c: Number.NEGATIVE_INFINITY } })).toEqual({
      a: [1, "NaN"],
      b: { c: "-Infinity" },
    });
  });

  it("does not copy what needs no change", () => {
    const value = { a: [1, 2], b: "x" };
    expect(toWire(value)).toBe(value);
  });

  it("refuses to send a field that the contract does not know", () => {
    const serialize = serializerCompiler(false)({
      schema: z.strictObject({ name: z.string() }),
      method: "GET",
      url: "/",
    });
    expect(serialize({ name: "x" })).toBe('{"name":"x"}');
    expect(() => serialize({ name: "x", passwordHash: "y" })).toThrow();
  });

  it("sends a spec as it was stored, although the spec's schema transforms its input", () => {
    const spec = sweepSpec.parse({ name: "x", dataset: "wdbc" });
    const serialize = serializerCompiler(false)({ schema: sweepSpec, method: "GET", url: "/" });
    expect(sweepSpec.parse(JSON.parse(serialize(spec)))).toEqual(spec);
  });
});
