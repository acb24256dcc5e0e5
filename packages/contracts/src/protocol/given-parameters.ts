import { z } from "zod";
import { parameters, parameterValue } from "./run-request.js";

/** Levels of objects and lists that parameters may be given in. */
const deepest = 16;

type Problem = { path: (string | number)[]; message: string };

const isScalar = (value: unknown) => typeof value !== "object" || value === null;
/** What stands as it is: a value, or a list of such. */
const isValue = (value: unknown) => isScalar(value) || (Array.isArray(value) && value.every(isScalar));

const partsOf = (value: unknown): [string | number, unknown][] => {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
};

/**
 * Nested parameters with one name each: { optimizer: { name: "adam" } } is `optimizer.name`. A list of values is a value; a
 * list of lists or objects (a matrix) is named by its places, from 0. An empty object sets nothing, and counts as unset.
 * `stops` says what is a value of its own all the same.
 */
export function flattened(
  given: Readonly<Record<string, unknown>>,
  stops: (value: unknown) => boolean = isValue,
): { values: Record<string, unknown>; problems: Problem[] } {
  const values = new Map<string, unknown>();
  const problems: Problem[] = [];
  const add = (path: (string | number)[], value: unknown) => {
    const parts = stops(value) ? null : partsOf(value);
    if (parts === null || parts.length === 0) {
      const name = path.join(".");
      if (values.has(name))
        problems.push({ path, message: `is given twice: ${name} is another way to write it` });
      values.set(name, parts === null ? value : null);
    } else if (path.length === deepest) {
      problems.push({
        path,
        message: `is nested more than ${deepest} levels deep: give it as a text, or under names of its own`,
      });
    } else for (const [key, item] of parts) add([...path, key], item);
  };
  for (const [name, value] of Object.entries(given)) add([name], value);
  return { values: Object.fromEntries(values), problems };
}

const nested = z.record(z.string(), z.unknown()).meta({
  description:
    "Hyperparameters: numbers, texts, true, false, null for unset, lists of these. Objects and lists of lists are flattened: { optimizer: { name } } is optimizer.name.",
});

/** Reports the problems of a transformation. */
const report = (problems: readonly Problem[], context: z.RefinementCtx) => {
  for (const problem of problems) context.addIssue({ code: "custom", ...problem });
};

/** Hyperparameters as people give them, nested or not: {@link flattened}. */
export const givenParameters = nested
  .transform((given, context) => {
    const { values, problems } = flattened(given);
    report(problems, context);
    return values;
  })
  .pipe(parameters);

/** A configuration written out; `label` (R1 … R23) names it and is no hyperparameter. */
export const listedConfiguration = nested
  .transform(({ label, ...given }, context) => {
    const { values, problems } = flattened(given);
    report(problems, context);
    return label === undefined ? values : { ...values, label };
  })
  .pipe(z.object({ label: z.string().min(1).max(64).optional() }).catchall(parameterValue));

/** A range to draw from, or to divide evenly into `steps` values in a grid. */
export const range = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    scale: z.enum(["linear", "log"]).default("linear"),
    integer: z.boolean().default(false),
    steps: z.int().min(2).max(1000).optional(),
  })
  .refine((r) => r.min < r.max, { error: "min must be below max" })
  .refine((r) => r.scale === "linear" || r.min > 0, {
    error: "a log scale needs min above 0",
    path: ["min"],
  });
export type Range = z.infer<typeof range>;

const choices = z
  .array(parameterValue)
  .min(1, { error: "an empty list makes an empty grid: give at least one value" });

/** Whether this is what a search takes for one parameter: a list of values, or (with plain values only) a range. */
const isSearched = (value: unknown) =>
  isScalar(value) ||
  Array.isArray(value) ||
  (partsOf(value).length > 0 && partsOf(value).every(([, part]) => isScalar(part)));

/** What a search varies, by name; groups of names may be nested, values may not. */
export const searchParameters = z
  .record(z.string(), z.unknown())
  .meta({
    description:
      "By name, a list of values or a range; { optimizer: { name: [adam, sgd] } } varies optimizer.name.",
  })
  .transform((given, context) => {
    const { values, problems } = flattened(given, isSearched);
    report(problems, context);
    for (const [name, listed] of Object.entries(values)) {
      if (!Array.isArray(listed)) continue;
      for (const [index, value] of listed.entries()) {
        if (isValue(value)) continue;
        context.addIssue({
          code: "custom",
          path: [name, index],
          message:
            "a value of a search is a number, a text, true, false, null or a list of these: write such configurations out (search.method: list)",
        });
      }
    }
    return values;
  })
  .pipe(z.record(z.string(), z.union([choices, range])));
