import { describe, expect, it } from "vitest";
import { decodeTensorFile, encodeTensorFile, type FiledTensor, floatsOf } from "./tensor-file.js";

const tensor = (name: string, values: number[], shape = [values.length]): FiledTensor => ({
  name,
  dtype: "F32",
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

describe("a tensor file", () => {
  const tensors = [tensor("b", [1, 2, 3, 4], [2, 2]), tensor("a/weight", [Number.NaN, -0])];
  const file = encodeTensorFile({ tensors, metadata: { format: "x" } });

  it("gives back what was put in, in its order", () => {
    const read = decodeTensorFile(file);
    expect(read.metadata).toEqual({ format: "x" });
    expect(read.tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["b", "F32", [2, 2]],
      ["a/weight", "F32", [2]],
    ]);
    expect(read.tensors.map(floatsOf)).toEqual([
      Float32Array.of(1, 2, 3, 4),
      Float32Array.of(Number.NaN, -0),
    ]);
  });

  it("is laid out as the format says", () => {
    const header = '{"__metadata__":{},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const expected = Buffer.concat([
      Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from(padded),
      Buffer.from([0, 0, 0x80, 0x3f]),
    ]);
    expect(Buffer.from(encodeTensorFile({ tensors: [tensor("a", [1])], metadata: {} }))).toEqual(expected);
  });

  it("that was cut short is refused", () => {
    expect(() => decodeTensorFile(file.subarray(0, file.length - 1))).toThrow("does not fit");
    expect(() => decodeTensorFile(file.subarray(0, 20))).toThrow("header");
    expect(() => decodeTensorFile(new Uint8Array(3))).toThrow("not a tensor file");
  });
});
