import { readFileSync } from "node:fs";
import fc from "fast-check";
import { z } from "zod";
import { hostile, type JsonSchema, jsonSchema, nearly, valuesOf } from "./schema-values.js";

const content = z.record(z.string(), z.looseObject({ schema: jsonSchema.optional() }));
const operation = z.looseObject({
  operationId: z.string(),
  parameters: z
    .array(
      z.looseObject({
        in: z.enum(["path", "query", "header", "cookie"]),
        name: z.string(),
        required: z.boolean().default(false),
        schema: jsonSchema,
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content, required: z.boolean().default(false) }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: content.optional() })),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), jsonSchema) }),
});

const { paths, components } = document.parse(
  JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8")),
);

type Operation = z.infer<typeof operation> & { method: string; path: string };

export const operations: readonly Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, found]) => ({ ...found, method: method.toUpperCase(), path })),
);

/** How a request was made: as the document says, with one thing changed, or with values that programs trip over. */
export const intents = ["valid", "nearly valid", "hostile"] as const;
type Intent = (typeof intents)[number];
const principals = ["viewer", "runner", "admin", "nobody"] as const;
export type Principal = (typeof principals)[number];

export type FuzzedRequest = {
  operation: Operation;
  intent: Intent;
  principal: Principal;
  url: string;
  headers: Record<string, string>;
  /** Null: none is sent. */
  body: string | null;
};

const asText = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "null"));
/** As it may stand in an address; a lone half of a pair cannot. */
const encoded = (value: unknown) => encodeURIComponent(asText(value).replace(/\p{Surrogate}/gu, "\ufffd"));

/** Bodies that are no JSON, or not what the header says. */
const broken = fc.constantFrom(
  "",
  "{",
  '{"a":1',
  "[1,]",
  "\u0000",
  "null",
  "x: [",
  "{".repeat(500),
  '"'.repeat(33),
);
const types = fc.constantFrom(
  "application/json",
  "application/yaml",
  "text/plain",
  "application/octet-stream",
  "image/png",
);

/** Bytes for operations whose body the document does not describe: files and lines. */
const files = fc.oneof(
  fc.constantFrom("", "PK\u0003\u0004", "{}\n", '{"format":"mlflow-sqlite","warnings":[]}\n', "a,b\n1,2\n"),
  fc.string({ unit: "binary", maxLength: 200 }),
);

/** Requests of one operation; identifiers are mostly those of what is there. */
function requestsOf(operation: Operation, ids: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const values = (schema: JsonSchema) => valuesOf(schema, components.schemas, ids);
  const parameters = (place: "path" | "query", intent: Intent) => {
    const some = operation.parameters.filter((parameter) => parameter.in === place);
    const entries = some.map(({ name, required, schema }) => {
      const value = intent === "hostile" ? fc.oneof(values(schema), hostile) : values(schema);
      const isThere = required || place === "path" ? fc.constant(true) : fc.boolean();
      return fc.tuple(fc.constant(name), value, isThere);
    });
    return fc.tuple(...entries).map((all) => all.filter(([, , isThere]) => isThere));
  };
  const bodies = (intent: Intent): fc.Arbitrary<{ type: string; text: string } | null> => {
    const described = Object.entries(operation.requestBody?.content ?? {});
    if (operation.method === "GET") return fc.constant(null);
    if (described.length === 0) return fc.oneof(fc.constant(null), fc.record({ type: types, text: files }));
    const [[type, { schema = {} }] = ["application/json", {}]] = described;
    const json = (arbitrary: fc.Arbitrary<unknown>) =>
      arbitrary.map((value) => ({ type, text: JSON.stringify(value) ?? "null" }));
    if (intent === "valid") return json(values(schema));
    if (intent === "nearly valid") return json(values(schema).chain(nearly));
    return fc.oneof(
      json(hostile),
      json(values(schema).chain(nearly).chain(nearly)),
      fc.record({ type: types, text: broken }),
    );
  };
  return fc.constantFrom(...intents).chain((intent) =>
    fc
      .record({
        principal: fc.constantFrom(...principals),
        path: parameters("path", intent),
        query: parameters("query", intent === "nearly valid" ? "hostile" : intent),
        body: bodies(intent),
        key: fc.option(fc.constantFrom("a", "b", "c".repeat(201)), { freq: 6, nil: undefined }),
      })
      .map(({ principal, path, query, body, key }) => {
        const place = path.reduce(
          (whole, [name, value]) => whole.replace(`{${name}}`, encoded(value)),
          operation.path,
        );
        const search = query.map(([name, value]) => `${name}=${encoded(value)}`).join("&");
        return {
          ...{ operation, intent, principal, body: body?.text ?? null },
          url: search === "" ? place : `${place}?${search}`,
          headers: {
            ...(body === null ? {} : { "content-type": body.type }),
            ...(key === undefined ? {} : { "idempotency-key": key }),
          },
        };
      }),
  );
}

/** So many requests, of all operations in turn; the same for a seed and the same document. */
export function drawRequests(seed: number, count: number, ids: readonly string[]): FuzzedRequest[] {
  const turns = Math.ceil(count / operations.length);
  const byOperation = operations.map((operation, index) =>
    fc.sample(requestsOf(operation, ids), { seed: seed + index, numRuns: turns }),
  );
  return Array.from({ length: turns }, (_, turn) => byOperation.flatMap((requests) => requests[turn] ?? []))
    .flat()
    .slice(0, count);
}
