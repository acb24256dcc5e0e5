import { expect, test } from "vitest";
import { storableJson, storableText } from "./storable.js";

test("NUL and half surrogate pairs become the replacement character; everything else stays", () => {
  expect(storableText("a\0b \ud800 c \udfff")).toBe("a\uFFFDb \uFFFD c \uFFFD");
  expect(storableText("ü 😀 \n\t")).toBe("ü 😀 \n\t");
});

test("strings are made storable at any depth", () => {
  expect(JSON.parse(storableJson({ a: ["\0", { b: "x\ud83d" }], n: 1, u: null }))).toEqual({
    a: ["\uFFFD", { b: "x\uFFFD" }],
    n: 1,
    u: null,
  });
});
