import fc from "fast-check";
import { z } from "zod";

/** What of JSON Schema the OpenAPI document uses. */
export const jsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  $ref: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  get anyOf() {
    return z.array(jsonSchema).optional();
  },
  get oneOf() {
    return z.array(jsonSchema).optional();
  },
  get allOf() {
    return z.array(jsonSchema).optional();
  },
  get items() {
    return z.union([jsonSchema, z.boolean()]).optional();
  },
  get prefixItems() {
    return z.array(jsonSchema).optional();
  },
  get properties() {
    return z.record(z.string(), jsonSchema).optional();
  },
  get additionalProperties() {
    return z.union([jsonSchema, z.boolean()]).optional();
  },
  get propertyNames() {
    return jsonSchema.optional();
  },
});
export type JsonSchema = z.infer<typeof jsonSchema>;

/** Values that programs trip over, whatever was asked for. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      "",
      " ",
      "\u0000",
      "a\u0000b",
      "\ud800",
      "𝕏".repeat(200),
      "x".repeat(20_000),
      "‮",
      "%00",
      "../../etc/passwd",
    ],
    ...[
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "NaN",
      "Infinity",
      "-Infinity",
      "null",
      "1e400",
    ],
    ...["'; DROP TABLE runs; --", "<script>alert(1)</script>", "=1+1", "{{7*7}}", "$where"],
    ...[
      "-004714-01-01T00:00:00Z",
      "+275760-09-13T00:00:00Z",
      "0000-00-00",
      "2026-02-30T00:00:00Z",
      "2026-01-01",
    ],
    ...[0, -0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324, 1e-320, true, false, null],
    ...[[], {}, [[]], [null], { "": null }, [[[[[[]]]]]]],
  ),
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}}}'),
    Array.from({ length: 3_000 }, (_, index) => index),
    Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, index])),
    JSON.parse("[".repeat(90) + "]".repeat(90)),
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);

const inside = (schema: JsonSchema) => ({
  min: schema.minimum ?? schema.exclusiveMinimum ?? -1_000,
  max: schema.maximum ?? schema.exclusiveMaximum ?? 1_000,
});

function strings(schema: JsonSchema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const { format, pattern, minLength = 0, maxLength = 40 } = schema;
  if (format === "uuid")
    return ids.length === 0 ? fc.uuid({ version: 7 }) : fc.oneof(fc.constantFrom(...ids), fc.uuid());
  if (format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === "uri") return fc.webUrl();
  if (pattern !== undefined && pattern.length < 200) {
    try {
      return fc.stringMatching(new RegExp(pattern), { size: "small" });
    } catch {
      // A pattern with what cannot be generated, such as looking ahead.
    }
  }
  const words = fc.constantFrom(
    "testAccuracy",
    "trainLoss",
    "wdbc",
    "tfjs",
    "adam",
    "a",
    "learningRate",
    "external",
  );
  const any = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
  return fc.oneof(
    words.filter(({ length }) => length >= minLength && length <= maxLength),
    any,
  );
}

/** Values of a schema, as far as one can tell from it; rules that a schema cannot say are broken now and then. */
export function valuesOf(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
  ids: readonly string[],
  depth = 0,
): fc.Arbitrary<unknown> {
  const of = (part: JsonSchema) => valuesOf(part, schemas, ids, depth + 1);
  if (schema.$ref !== undefined) {
    const named = schemas[schema.$ref.split("/").at(-1) ?? ""];
    return named ? valuesOf(named, schemas, ids, depth + 1) : fc.jsonValue({ maxDepth: 1 });
  }
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(of));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(of)).map((parts) => Object.assign({}, ...parts));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "string":
      return strings(schema, ids);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "integer": {
      const { min, max } = inside(schema);
      const [low, high] = [Math.ceil(Math.max(min, -(2 ** 53) + 1)), Math.floor(Math.min(max, 2 ** 53 - 1))];
      const small = fc.integer({
        min: Math.max(low, Math.min(0, high)),
        max: Math.min(high, Math.max(low, 0) + 20),
      });
      return fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom(low, high) });
    }
    case "number": {
      const { min, max } = inside(schema);
      return fc.double({ min, max: Math.max(min, max), noNaN: true });
    }
    case "array": {
      const { minItems = 0, maxItems = 4, prefixItems, items } = schema;
      if (prefixItems) return fc.tuple(...prefixItems.map(of));
      const item = typeof items === "object" ? of(items) : fc.jsonValue({ maxDepth: 1 });
      const most = Math.max(minItems, Math.min(maxItems, depth > 4 ? 1 : 4));
      return fc.array(item, { minLength: Math.min(minItems, 50), maxLength: Math.min(most, 50) });
    }
    case "object": {
      const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
      const known = Object.entries(properties).filter(([name]) => depth < 6 || required.includes(name));
      const model = fc.record(Object.fromEntries(known.map(([name, part]) => [name, of(part)])), {
        requiredKeys: required.filter((name) => name in properties),
      });
      if (typeof additionalProperties !== "object" || depth > 6) return model;
      const names = propertyNames
        ? of({ type: "string", ...propertyNames })
        : fc.string({ minLength: 1, maxLength: 12 });
      const more = fc.array(fc.tuple(names.map(String), of(additionalProperties)), { maxLength: 3 });
      return fc.tuple(model, more).map(([fixed, entries]) => ({ ...Object.fromEntries(entries), ...fixed }));
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Changes one thing somewhere in a value: leaves it out, adds to it, or puts something hostile in its place. */
export function nearly(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    const inItem = value.map((item, at) => nearly(item).map((changed) => value.with(at, changed)));
    return fc.oneof(hostile, fc.constant([...value, ...value]), ...inItem);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const without = entries.map(([name]) =>
      fc.constant(Object.fromEntries(entries.filter(([other]) => other !== name))),
    );
    const inEntry = entries.map(([name, part]) =>
      nearly(part).map((changed) => ({ ...value, [name]: changed })),
    );
    const strange = fc.constantFrom("unknownKey", "__proto__", "constructor", "toString", "", "a\u0000");
    const added = fc
      .tuple(strange, hostile)
      .map(([name, part]) => Object.fromEntries([...entries, [name, part]]));
    return fc.oneof(added, ...without, ...inEntry);
  }
  return hostile;
}
