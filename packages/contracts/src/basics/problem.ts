import { z } from "zod";

/** One wrong field of a request: where, what was given, and what to do about it. */
export const fieldError = z.strictObject({
  /** Dotted path from the top of the document, e.g. `search.parameters.optimizer`; empty for the document itself. */
  path: z.string(),
  message: z.string(),
  /** The offending value, shortened, as text; absent when nothing was given. */
  value: z.string().optional(),
  suggestion: z.string().optional(),
});
export type FieldError = z.infer<typeof fieldError>;

/** Stable problem types; the URI is `/problems/{type}`. */
export const problemTypes = [
  "invalid-request",
  "invalid-sweep-spec",
  "sweep-too-large",
  "not-found",
  "conflict",
  "stale-attempt",
  "idempotency-key-reused",
  "unauthorized",
  "forbidden",
  "payload-too-large",
  "too-many-requests",
  "unsupported",
  "not-ready",
  "internal",
] as const;
export type ProblemType = (typeof problemTypes)[number];

/** RFC 9457 problem document, the body of every error. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z.array(fieldError).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problem>;

/** At most 120 characters. */
export const shortened = (text: string) => (text.length > 120 ? `${text.slice(0, 119)}…` : text);

/** Text form of an offending value, at most 120 characters. */
export function showValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return shortened(typeof value === "number" ? String(value) : textOf(excerpt(value, { left: 150 })));
}

/** The beginning of a value, at least as long as what is shown of it: a body of megabytes is not written out for a line. */
function excerpt(value: unknown, budget: { left: number }): unknown {
  budget.left -= 1;
  if (typeof value === "string") return value.slice(0, 150);
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (budget.left <= 0) break;
      items.push(excerpt(item, budget));
    }
    return items;
  }
  const entries: [string, unknown][] = [];
  for (const name of Object.keys(value)) {
    if (budget.left <= 0) break;
    entries.push([name.slice(0, 150), excerpt(Reflect.get(value, name), budget)]);
  }
  return Object.fromEntries(entries);
}

/** As JSON; what is nested too deep for that has no short form. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}

/** One line for a terminal: `search.parameters.optimizer: message (given: …). Did you mean …?` */
export function fieldErrorLine(error: FieldError): string {
  const where = error.path === "" ? "" : `${error.path}: `;
  const given = error.value === undefined ? "" : ` (given: ${error.value})`;
  return `${where}${error.message}${given}${error.suggestion ? `. ${error.suggestion}` : ""}`;
}
