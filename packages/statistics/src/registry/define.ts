import type { z } from "zod";
import { invalidInput } from "../errors.js";

/** What a test answers: the named numbers of the test, before NaN and infinities are put into words. */
export type StatisticalAnswer = Readonly<Record<string, unknown>> & { readonly reason?: string };

/** One entry of the registry: how a test is called by name. */
export type StatisticalTest<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> = {
  /** One line for people choosing a test. */
  readonly title: string;
  readonly input: I;
  readonly options: O;
  readonly compute: (input: z.output<I>, options: z.output<O>) => StatisticalAnswer;
  /** Parses both, computes, and lists the options that the test does not know. Throws a StatisticsError. */
  readonly run: (
    input: unknown,
    options: unknown,
  ) => StatisticalAnswer & { readonly ignoredOptions: string[] };
};

export function defineTest<I extends z.ZodObject, O extends z.ZodObject>(definition: {
  title: string;
  input: I;
  options: O;
  compute: (input: z.output<I>, options: z.output<O>) => StatisticalAnswer;
}): StatisticalTest<I, O> {
  const { input: inputSchema, options: optionSchema, compute } = definition;
  return {
    ...definition,
    run: (input, options) => {
      const parsedInput = parseField("input", inputSchema, input);
      const parsedOptions = parseField("options", optionSchema, options);
      const known = new Set(Object.keys(optionSchema.shape));
      const given = typeof options === "object" && options !== null ? Object.keys(options) : [];
      return {
        ...compute(parsedInput, parsedOptions),
        ignoredOptions: given.filter((name) => !known.has(name)),
      };
    },
  };
}

/** Parses with zod; the first problem becomes a StatisticsError with its path, the value found there and a way out. */
function parseField<S extends z.ZodType>(field: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const where = path.reduce<string>(
    (at, key) => (typeof key === "number" ? `${at}[${key}]` : `${at}.${String(key)}`),
    field,
  );
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
  throw invalidInput(where, found, problemOf(issue), remedyFor(found, issue));
}

function problemOf(issue: z.core.$ZodIssue | undefined): string {
  return issue?.code === "invalid_value" ? "is none of the known choices" : (issue?.message ?? "is invalid");
}

function remedyFor(found: unknown, issue: z.core.$ZodIssue | undefined): string {
  if (found === undefined) return "Add it; the test cannot be computed without it.";
  if (found === null) return 'Leave the entry out, or write "NaN" for a value that is not a number.';
  if (issue?.code === "invalid_value") return `Use one of: ${issue.values.map(String).join(", ")}.`;
  if (issue?.code === "invalid_type")
    return `Send ${issue.expected === "array" ? "a list" : `a ${issue.expected}`}.`;
  if (issue?.code === "too_small" || issue?.code === "too_big") return "Keep within the limit.";
  return 'Send numbers as JSON numbers; only "NaN", "Infinity" and "-Infinity" are written as words.';
}
