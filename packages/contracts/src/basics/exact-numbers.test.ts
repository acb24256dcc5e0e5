import { describe, expect, it } from "vitest";
import { exactDocument, inexactNumbers, integersAsTexts, jsonText, repeatedNames } from "./exact-numbers.js";
import { fieldErrorLine } from "./problem.js";

const said = (json: string, what?: "measurements") => inexactNumbers(json, what).map(fieldErrorLine);

describe("numbers that a reader of JSON would change", () => {
  it.each([
    "9007199254740991",
    "-9007199254740991",
    "0.12345678901234567890",
    "1e300",
    "5e-324",
    "0e999",
    "-0",
  ])("%s is read as it is written, or rounded as decimals are", (digits) => {
    expect(said(`{"x": [${digits}]}`)).toEqual([]);
  });

  it("are named with place, digits and the way out", () => {
    expect(said('{"a": {"b\\"c": [1, {"d": 9007199254740993}]}, "e": "9007199254740993"}')).toEqual([
      'a.b"c.1.d: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Write it as a string: "9007199254740993", or with an exponent if it need not be exact.',
    ]);
    expect(
      said("[9007199254740992, -9007199254740992, 1e309, 1e-400]").map((line) => line.split(":")[0]),
    ).toEqual(["0", "1", "2", "3"]);
  });

  it("are only those beyond all numbers where values are measured", () => {
    expect(said('{"metrics": {"tokens": 12345678901234567890, "tiny": 1e-400}}', "measurements")).toEqual([]);
    expect(said('{"metrics": {"loss": 1e400}}', "measurements")).toHaveLength(1);
  });

  it("are found as well after texts of any kind", () => {
    expect(said(`{"text": "${'\\\\\\" [{,'.repeat(1000)}", "n": 9007199254740993}`)[0]).toMatch(/^n: /);
  });
});

it("names that an object has twice are found, in whatever way they are written, and none besides", () => {
  const paths = (json: string) => repeatedNames(json).map(({ path }) => path);
  expect(paths('{"params": {"lr": 0.1, "a": {"lr": 1}, "l\\u0072": 0.2}, "lr": 3}')).toEqual(["params.lr"]);
  expect(paths('[{"a": 1}, {"a": 2, "b": ["a", "a"]}, {"a": {"a": {"b": "b"}}}]')).toEqual([]);
});

describe("a document read to the last digit", () => {
  it("has numbers in the end, and names the integers that no number holds", () => {
    const { value, errors } = exactDocument({ a: [1n, { b: 9007199254740993n }], c: "x", d: 0.5, e: null });
    expect(value).toEqual({ a: [1, { b: 9007199254740992 }], c: "x", d: 0.5, e: null });
    expect(errors.map(({ path }) => path)).toEqual(["a.1.b"]);
  });
});

it("keeps integers of a program that it does not ask for as texts", () => {
  expect(integersAsTexts('{"seed": 14695981039346656037, "n": [3, -9007199254740993]}')).toBe(
    '{"seed": "14695981039346656037", "n": [3, "-9007199254740993"]}',
  );
});

describe("JSON that is written here", () => {
  it("has no digits that nobody wrote", () => {
    const value = { clipNorm: 1e20, text: "100000000000000000000", list: [2 ** 60, -(2 ** 53), 7] };
    expect(jsonText(value)).toContain('"clipNorm":1e+20,"text":"100000000000000000000"');
    expect(JSON.parse(jsonText(value))).toEqual(value);
    expect(inexactNumbers(jsonText(value))).toEqual([]);
  });
});

it("finds long numbers wherever they stand", () => {
  for (let before = 0; before < 40; before += 1) {
    const padding = "a".repeat(before);
    expect(said(`{"${padding}":9007199254740993}`)).toHaveLength(1);
    expect(said(`{"${padding}":900719925474099}`)).toHaveLength(0);
    expect(said(`{"${padding}":${"9".repeat(309)}}`, "measurements")).toHaveLength(1);
    expect(said(`{"${padding}":1E+400}`, "measurements")).toHaveLength(1);
  }
});
