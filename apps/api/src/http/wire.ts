import {
  encodeNumber,
  type FieldError,
  loggedMetrics,
  type Parsed,
  type ProblemType,
  parseLoggedMetrics,
  parseSweepSpec,
  parseWith,
  problem as problemSchema,
  shortened,
  sweepSpec,
} from "@reprise/contracts";
import type { FastifyReply, FastifySchemaCompiler, FastifySerializerCompiler } from "fastify";
import { ResponseSerializationError } from "fastify-type-provider-zod";
import { z } from "zod";
import { LongBody } from "./long-body.js";
import { type ProblemError, problem } from "./problems.js";

const partNames: Record<string, string> = {
  body: "body",
  querystring: "query",
  params: "path",
  headers: "headers",
};

/** Bodies that have a parser of their own. */
const parsers = new Map<z.ZodType, (data: unknown) => Parsed<unknown>>([
  [sweepSpec, parseSweepSpec],
  [loggedMetrics, parseLoggedMetrics],
]);

/** Validates with the contract's own messages: path, value given, nearest known name. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const type = schema === sweepSpec ? "invalid-sweep-spec" : "invalid-request";
  const part = partNames[httpPart ?? ""] ?? "request";
  const parse = parsers.get(schema) ?? ((data) => parseWith(schema, data));
  return (data: unknown) => {
    if (data instanceof LongBody) return { value: data };
    const parsed = httpPart === "body" ? parsedBody(parse, data ?? undefined) : parse(data ?? undefined);
    return parsed.ok ? { value: parsed.value } : { error: refusedPart(part, parsed, type) };
  };
};

/** What is said of a part of a request that its schema refuses. */
export function refusedPart(
  part: string,
  { errors, mayHaveMore }: Refused,
  type: ProblemType = "invalid-request",
): ProblemError {
  const count = errors.length === 1 ? "one error" : `${errors.length} errors`;
  return problem(type, `The ${part} has ${mayHaveMore ? "at least " : ""}${count}; see "errors".`, {
    errors,
  });
}

/** A body as `parse` has it, unless one of its objects has so many names that to judge each would take too long. */
export function parsedBody<T>(parse: (data: unknown) => Parsed<T>, data: unknown): Parsed<T> {
  const crowded = crowdedIn(data);
  return crowded ? { ok: false, errors: [crowded], mayHaveMore: true } : parse(data);
}

type Refused = Extract<Parsed<unknown>, { ok: false }>;

/** No document of ours has an object of more names: each of them is looked at by every form that it might have. */
const mostNames = 10_000;

type Place = { value: object; name: string; within: Place | null };

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at = place; at.within !== null; at = at.within) names.unshift(shortened(at.name));
  return names.join(".");
}

/** Whether a value is a list or an object of a document: a stream, say, leads to all that the server holds. */
function isOfDocument(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** The first object with too many names; null where there is none. Each is looked at once, wherever it stands. */
export function crowdedIn(body: unknown): FieldError | null {
  if (!isOfDocument(body)) return null;
  const waiting: Place[] = [{ value: body, name: "", within: null }];
  const seen = new Set<object>();
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value } = place;
    if (seen.has(value)) continue;
    seen.add(value);
    const names = Array.isArray(value) ? null : Object.keys(value);
    if (names && names.length > mostNames)
      return {
        path: pathOf(place),
        message: `has ${names.length} names; an object may have ${mostNames}`,
      };
    const items: Iterable<[string | number, unknown]> = Array.isArray(value)
      ? value.entries()
      : Object.entries(value);
    for (const [name, item] of items)
      if (isOfDocument(item)) waiting.push({ value: item, name: String(name), within: place });
  }
  return null;
}

/** NaN and ±Infinity become their names; what contains none is returned as it is. */
export function toWire(value: unknown): unknown {
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Array.isArray(value) ? listToWire(value) : objectToWire(value);
}

// Answers have a million numbers, nearly all of them finite: nothing is made anew before one is found that is not.

function listToWire(list: readonly unknown[]): unknown {
  let encoded: unknown[] | null = null;
  for (let at = 0; at < list.length; at += 1) {
    const item = list[at];
    if (Number.isFinite(item) || typeof item === "string") continue;
    const wire = toWire(item);
    if (wire === item) continue;
    encoded ??= [...list];
    encoded[at] = wire;
  }
  return encoded ?? list;
}

function objectToWire(object: object): unknown {
  let encoded: [string, unknown][] | null = null;
  const entries = Object.entries(object);
  for (const [at, [key, item]] of entries.entries()) {
    const wire = toWire(item);
    if (wire === item) continue;
    encoded ??= [...entries];
    encoded[at] = [key, wire];
  }
  return encoded ? Object.fromEntries(encoded) : object;
}

/** Answers of which every item was built for the wire already. */
const built = new WeakSet<z.ZodType>();

/**
 * Marks the schema of an answer that the database builds as the contract has it, of which there may be megabytes: checking it
 * again took longer than making it. Tests check it all the same.
 */
export function builtAnswer<S extends z.ZodType>(schema: S): S {
  built.add(schema);
  return schema;
}

/**
 * Serialises what a route answers, after checking it against the contract: a field that the contract does not know
 * never leaves the server. Contracts are parsed, not encoded: `SweepSpec` has one-way transforms.
 *
 * @param checksAll whether those of `builtAnswer` are checked, too
 */
export const serializerCompiler =
  (checksAll: boolean): FastifySerializerCompiler<z.ZodType> =>
  ({ schema, method, url }) => {
    if (!checksAll && built.has(schema)) return (data: unknown) => JSON.stringify(data);
    return (data: unknown) => {
      const result = schema.safeParse(toWire(data));
      if (result.error) throw new ResponseSerializationError(method, url, { cause: result.error });
      return JSON.stringify(result.data);
    };
  };

/**
 * The same for texts that are made beside the event loop and cached. They are megabytes, and their makers' types are those of the
 * contract: that they keep it is checked where `checksAll`, in tests. @throws {ZodError} where it breaks the contract there
 */
export function wireText(schema: z.ZodType, data: unknown, checksAll: boolean): string {
  const wire = toWire(data);
  return JSON.stringify(checksAll ? schema.parse(wire) : wire);
}

/** Answers a text of `wireText`, which is sent as it is. */
export const sendWireText = (reply: FastifyReply, text: string): FastifyReply =>
  reply.type("application/json; charset=utf-8").send(text);

const problemResponse = {
  description: "A problem document (RFC 9457)",
  content: { "application/problem+json": { schema: problemSchema } },
};

/** Every route can answer with a problem: spread beside the answers that go well. */
export const problems = { "4xx": problemResponse, "5xx": problemResponse } as const;

/** Path of a route about one entity. */
export const idParams = z.strictObject({ id: z.uuid() });

/** For reports of a run that is trained elsewhere: which attempt they are of. */
export const attemptHeaders = z.looseObject({
  "idempotency-key": z.string().min(1).max(200).optional(),
  "reprise-attempt": z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
});

/** For routes whose POST creates: repeated with the same key and body, it answers as the first time. */
export const idempotencyHeaders = z.looseObject({
  "idempotency-key": z.string().min(1).max(200).optional(),
});
