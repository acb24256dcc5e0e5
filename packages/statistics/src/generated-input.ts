import { invalidInput } from "./errors.js";

const SEQUENCES: Readonly<Record<string, (i: number) => number>> = {
  "x_i = sin(i), i=1..n": Math.sin,
  "x_i = cos(i), i=1..n": Math.cos,
};

const maxLength = 10_000_000;

/**
 * Long test samples may be described instead of sent: `{generator: "x_i = sin(i), i=1..n", n}` stands for `x`. Anything
 * without a `generator` is passed on as it is.
 */
export function expandGenerated(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("generator" in input)) return input;
  const { generator } = input;
  const term = typeof generator === "string" ? SEQUENCES[generator] : undefined;
  if (term === undefined) {
    const known = Object.keys(SEQUENCES).join('" or "');
    throw invalidInput("input.generator", generator, "is no known sequence", `Use "${known}", or send x.`);
  }
  const n = "n" in input ? input.n : undefined;
  if (typeof n !== "number" || !Number.isInteger(n) || n < 1 || n > maxLength) {
    throw invalidInput(
      "input.n",
      n,
      `must be a length from 1 to ${maxLength}`,
      "Give the length of the sequence.",
    );
  }
  return { ...input, x: Array.from({ length: n }, (_, i) => term(i + 1)) };
}
