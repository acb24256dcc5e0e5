import { expect, it } from "vitest";
import { readJson } from "./check-json.js";

it.each([
  '{"a": [{"__proto__": 1}]}',
  '{"a": [{"\\u005F_prot\\u006f__": 1}]}',
  '{"a": {"constructor": {"prototype": {}}}}',
  '{"a": {"c\\u006Fnstructor": {"prototype": {}}}}',
])("refuses names that set what objects inherit: %s", (text) => {
  expect(() => readJson(text, "document")).toThrow(/not allowed/);
});

it("takes what only looks like them", () => {
  const value = {
    __Proto__: 1,
    prototype: {},
    constructor: "ResNet",
    a: ["__proto__", '"__proto__":', "\\u005f"],
  };
  expect(readJson(JSON.stringify(value), "document")).toEqual(value);
});
