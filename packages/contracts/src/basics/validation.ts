import { z } from "zod";
import { type FieldError, shortened, showValue } from "./problem.js";
import { didYouMean } from "./suggestions.js";

/** A parsed value, or what is wrong with it: everything, unless it `mayHaveMore` errors that were not looked for. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: FieldError[]; mayHaveMore?: boolean };

/** What is read of a JSON Schema here. */
export type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  description?: string;
  default?: unknown;
};

/** The sub-schemas that may stand at `path`, unions spread out and references followed. */
export function schemasAt(root: JsonSchema, path: readonly PropertyKey[]): JsonSchema[] {
  const spread = (schema: JsonSchema): JsonSchema[] => {
    const referred = schema.$ref ? root.$defs?.[schema.$ref.replace("#/$defs/", "")] : undefined;
    const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
    return [schema, ...(referred ? spread(referred) : []), ...parts.flatMap(spread)];
  };
  return path.reduce<JsonSchema[]>(
    (schemas, key) =>
      schemas.flatMap((schema) => {
        const additional =
          typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
        const next =
          typeof key === "number" ? schema.items : (schema.properties?.[String(key)] ?? additional);
        return next ? spread(next) : [];
      }),
    spread(root),
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

type Issue = z.core.$ZodIssue;

/** Of a failed union, the branch that came furthest, so that the message speaks of what was meant. */
function leaves(issue: Issue): Issue[] {
  if (issue.code === "invalid_key") {
    const { path } = issue;
    return issue.issues.map(({ message }) => ({ code: "custom", message, path, params: { ofKey: true } }));
  }
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const depth = (branch: Issue[]) =>
    Math.max(...branch.map((i) => i.path.length + (i.code === "invalid_type" ? 0 : 1)));
  const best = issue.errors.reduce((a, b) => (depth(b) > depth(a) ? b : a));
  return best.flatMap((inner) => leaves({ ...inner, path: [...issue.path, ...inner.path] }));
}

const kinds: Readonly<Record<string, string>> = {
  string: "must be text",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list",
  object: "must be names with values",
  record: "must be names with values",
};

/** A size beyond its limit, with both: characters of a text, items of a list, a number itself. */
function sizeWords(issue: Extract<Issue, { code: "too_small" | "too_big" }>, given: unknown): string | null {
  const isBig = issue.code === "too_big";
  const limit = isBig ? issue.maximum : issue.minimum;
  if (typeof given === "number") {
    const [within, beyond] = isBig ? ["at most", "below"] : ["at least", "above"];
    return `must be ${issue.inclusive ? within : beyond} ${limit}`;
  }
  if (typeof given !== "string" && !Array.isArray(given)) return null;
  const size = typeof given === "string" ? given.trim().length : given.length;
  if (size === 0) return "must not be empty";
  const unit = typeof given === "string" ? "character" : "item";
  const units = Number(limit) === 1 ? unit : `${unit}s`;
  return `${isBig ? "may have" : "must have at least"} ${limit} ${units}; it has ${size}`;
}

/** What is wrong, in the words that hyperparameters are refused in; what a schema says itself, and the rest, as it is. */
function messageOf(issue: Issue, given: unknown): string {
  if (issue.code === "too_small" && typeof given === "string" && given.trim() === "")
    return "must not be empty";
  if (issue.code === "invalid_format" && issue.format === "uuid")
    return "must be an id as lists show it (a UUID), not a name";
  if (!/^(Too (small|big)|Invalid input): /.test(issue.message)) return issue.message;
  if (issue.code === "too_small" || issue.code === "too_big") return sizeWords(issue, given) ?? issue.message;
  if (issue.code !== "invalid_type") return issue.message;
  if (given === undefined) return "is missing";
  // Of Infinity and NaN the library's own words say what they are.
  return typeof given === "number" && issue.expected === "number"
    ? issue.message
    : (kinds[issue.expected] ?? issue.message);
}

/** Faults that are named at most: what has more of them has one cause, and each costs whoever waits for the answer. */
const mostFaults = 20;

/** Values up to which all faults of a document are looked for; of a larger one those where it first goes wrong. */
const fewValues = 10_000;

function isLarge(input: unknown): boolean {
  const waiting = [input];
  let left = fewValues;
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
    left -= items.length;
    if (left < 0) return true;
    waiting.push(...items.filter((item) => typeof item === "object" && item !== null));
  }
  return false;
}

/** The value, or what is wrong with it: the library itself would put a million faults of a long list into words. */
function valueOrIssues<S extends z.ZodType>(
  schema: S,
  input: unknown,
): { value: z.output<S> } | { issues: Issue[]; mayHaveMore: boolean } {
  const context = { async: false, abortEarly: isLarge(input) };
  const read = schema._zod.run({ value: input, issues: [] }, context);
  if (read instanceof Promise) throw new z.core.$ZodAsyncError();
  if (read.issues.length === 0) return { value: read.value as z.output<S> };
  const first = read.issues.slice(0, mostFaults);
  return {
    issues: first.map((issue) => z.core.util.finalizeIssue(issue, context, z.core.config())),
    mayHaveMore: context.abortEarly || read.issues.length > mostFaults,
  };
}

/** The form of what a schema takes (`input`), or of what it makes of it. */
export const jsonSchemaOf = (schema: z.ZodType, io: "input" | "output"): JsonSchema =>
  z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema;

/** Forms of schemas, each made once: every fault of a document asks for them. */
const forms = new WeakMap<z.ZodType, JsonSchema[]>();

/** What may stand at `path`: as it is given, and as it is once a transformation (of nested names, say) has been made. */
function placesIn(schema: z.ZodType, path: readonly PropertyKey[]): JsonSchema[] {
  const known = forms.get(schema) ?? [jsonSchemaOf(schema, "input"), jsonSchemaOf(schema, "output")];
  forms.set(schema, known);
  return known.flatMap((form) => schemasAt(form, path));
}

/**
 * Parses `input` and turns every zod issue into a `FieldError` with path, offending value and, for unknown keys and
 * unknown choices, the nearest known name. At most {@link mostFaults} are named; of a document of many values those where it first
 * goes wrong, because to look on would cost more than to read it.
 */
export function parseWith<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const read = valueOrIssues(schema, input);
  if ("value" in read) return { ok: true, value: read.value };
  const errors = read.issues.flatMap(leaves).flatMap((issue): FieldError[] => {
    const path = issue.path.map((part) => shortened(String(part))).join(".");
    if (issue.code === "unrecognized_keys") {
      const places = placesIn(schema, issue.path);
      const known = [...new Set(places.flatMap((place) => Object.keys(place.properties ?? {})))];
      return issue.keys.slice(0, mostFaults).map((key) => ({
        path: path === "" ? shortened(key) : `${path}.${shortened(key)}`,
        message: "unknown key",
        suggestion: didYouMean(key, known),
      }));
    }
    const isOfKey = issue.code === "custom" && issue.params?.ofKey === true;
    const given = isOfKey ? issue.path.at(-1) : valueAt(input, issue.path);
    const error: FieldError = { path, message: messageOf(issue, given), value: showValue(given) };
    if (typeof given === "string" && (issue.code === "invalid_value" || issue.code === "invalid_union")) {
      const places = placesIn(schema, issue.path);
      const allowed = [
        ...new Set(places.flatMap((place) => place.enum ?? ("const" in place ? [place.const] : []))),
      ];
      if (places.some(({ type }) => type === "number" || type === "integer")) {
        error.message = `must be a number${allowed.length > 0 ? `, or one of the words ${allowed.join(", ")}` : ""}`;
      } else if (allowed.length > 0) {
        error.message = `must be one of ${allowed.join(", ")}`;
        error.suggestion = didYouMean(given, allowed.map(String));
      }
    }
    return [error];
  });
  const mayHaveMore = read.mayHaveMore || errors.length > mostFaults;
  return { ok: false, errors: errors.slice(0, mostFaults), ...(mayHaveMore && { mayHaveMore }) };
}
