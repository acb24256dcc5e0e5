import { z } from "zod";
import type { Alternative } from "../numerics/distributions.js";
import type { RankTestMethod } from "../ranks/rank-tests.js";

/** Any number, NaN and infinities included (zod's own number refuses those). */
export const real = z.custom<number>((value) => typeof value === "number", { error: "must be a number" });

/** A list of any numbers. One pass, since lists may hold millions; the first wrong entry is named. */
export const numbers = z.custom<number[]>().superRefine((value: unknown, context) => {
  if (!Array.isArray(value)) {
    context.addIssue({ code: "custom", message: "must be a list of numbers", input: value });
    return;
  }
  const wrong = value.findIndex((entry) => typeof entry !== "number");
  if (wrong < 0) return;
  context.addIssue({ code: "custom", message: "must be a number", path: [wrong], input: value[wrong] });
});

export const count = z.int({ error: "must be a whole number" }).min(0, { error: "must not be negative" });

export const probability = z.custom<number>((value) => typeof value === "number" && value > 0 && value < 1, {
  error: "must be a number between 0 and 1 (95 % is 0.95)",
});

const ALTERNATIVES = {
  "two-sided": "two-sided",
  two_sided: "two-sided",
  "two.sided": "two-sided",
  less: "less",
  smaller: "less",
  greater: "greater",
  larger: "greater",
} as const satisfies Record<string, Alternative>;

/** SciPy's, statsmodels' and R's words for the three alternatives. */
export const alternative = z
  .enum(keysOf(ALTERNATIVES))
  .transform((word): Alternative => ALTERNATIVES[word])
  .optional();

const METHODS = {
  auto: "auto",
  exact: "exact",
  approx: "asymptotic",
  asymptotic: "asymptotic",
  normal: "asymptotic",
} as const satisfies Record<string, RankTestMethod>;

export const rankMethod = z
  .enum(keysOf(METHODS))
  .transform((word): RankTestMethod => METHODS[word])
  .optional();

export const confidence = probability.optional();
export const alpha = probability.optional();

/** The keys of a table of aliases, typed so that zod infers the union. */
export function keysOf<T extends Record<string, unknown>>(table: T): { [K in keyof T & string]: K } {
  return Object.fromEntries(Object.keys(table).map((key) => [key, key])) as { [K in keyof T & string]: K };
}

/** "ci95", "ci99", "ci99.9": the key under which an interval of that level is answered. */
export function levelKey(prefix: string, level: number): string {
  return `${prefix}${Number((100 * level).toPrecision(10))}`;
}
