import { expect, it } from "vitest";
import { Lexer, Parser } from "yaml";
import { jsonNestsDeeper, yamlNestsDeeper } from "./nesting.js";

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

it.each([
  ["lists", nested(100, "[", "]"), false],
  ["one list more", nested(101, "[", "]"), true],
  ["objects", `${'{"a":'.repeat(101)}1${"}".repeat(101)}`, true],
  ["brackets in a text", JSON.stringify({ text: '[{"\\['.repeat(500) }), false],
  ["many beside one another", JSON.stringify(Array.from({ length: 500 }, () => [{}])), false],
  ["what never closes", "[".repeat(200), true],
])("JSON: %s", (_, text, deeper) => {
  expect(jsonNestsDeeper(text)).toBe(deeper);
});

it.each([
  ["brackets", "[".repeat(101), true],
  ["dashes of one line", `${"- ".repeat(101)}1`, true],
  ["indentation", Array.from({ length: 101 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"), true],
  ["questions", `${"? ".repeat(101)}1`, true],
  ["a long list", "- 1\n".repeat(5000), false],
  ["brackets in texts", '- "x in [0, 1)"\n'.repeat(500) + "- '{'\n".repeat(200), false],
  ["a list of mappings", "- a:\n    b: [1, 2]\n".repeat(500), false],
])("YAML: %s", (_, text, deeper) => {
  expect(yamlNestsDeeper(text, { Lexer, Parser })).toBe(deeper);
});
