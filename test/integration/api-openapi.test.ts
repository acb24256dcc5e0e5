import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type ApiUnderTest, startTestApi } from "./api-harness.js";

const operation = z.looseObject({
  operationId: z.string().min(1),
  summary: z.string().min(10),
  tags: z.array(z.string()).length(1),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })),
});
const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) });

let api: ApiUnderTest;
let document: z.infer<typeof documentSchema>;
beforeAll(async () => {
  api = await startTestApi();
  document = documentSchema.parse((await api.call("GET", "/openapi.json")).json);
});
afterAll(() => api.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, found]) => ({ name: `${method.toUpperCase()} ${path}`, ...found })),
  );

/** The same document, whatever order sources are read and schemas written in: names sorted, required ones too. */
function inOrder(value: unknown, name = ""): unknown {
  if (Array.isArray(value))
    return name === "required" ? [...value].sort() : value.map((item) => inOrder(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part, key)]));
}

it("is a valid OpenAPI 3.1 document", async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
});

it("describes every route, with an answer that goes well and the problems, under a name of its own", () => {
  expect(operations().length).toBeGreaterThan(35);
  for (const { name, responses } of operations()) {
    const good = Object.keys(responses).filter((status) => /^2/.test(status));
    expect(good, name).not.toEqual([]);
    const [status = ""] = good;
    if (status !== "204")
      expect(Object.keys(responses[status]?.content ?? {}).length, name).toBeGreaterThan(0);
    expect(responses["4XX"]?.content, name).toHaveProperty("application/problem+json");
  }
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

it("lists the routes that the server has, and no others", () => {
  const described = operations().map(({ name }) => name);
  for (const name of [
    "POST /api/v1/sweeps",
    "POST /api/v1/sweeps/preview",
    "POST /api/v1/sweeps/{id}/extend",
    "GET /api/v1/sweeps/{id}/events",
    "GET /api/v1/sweeps/{id}/analyses/{name}",
    "GET /api/v1/runs/{a}/diff/{b}",
    "POST /api/v1/statistics/{test}",
    "GET /healthz",
    "GET /metrics",
  ]) {
    expect(described).toContain(name);
  }
  for (const name of described) {
    const [method = "", path = ""] = name.split(" ");
    // Names of presets contain slashes, which takes a wildcard.
    const url = path.replace("/presets/{name}", "/presets/*").replaceAll(/\{([^}]+)\}/g, ":$1");
    expect(api.app.hasRoute({ method, url } as Parameters<typeof api.app.hasRoute>[0]), name).toBe(true);
  }
});

it("is the one in docs/openapi.json, which `npx pnpm openapi` writes", async () => {
  const text = `${JSON.stringify(inOrder(document), null, 2)}\n`;
  await expect(text, "`npx pnpm openapi` writes it anew").toMatchFileSnapshot("../../docs/openapi.json");
});

it("can be read as pages", async () => {
  const page = await api.app.inject({ url: "/api/docs/", headers: { host: "localhost" } });
  expect(page.statusCode).toBe(200);
  expect(page.headers["content-type"]).toMatch(/text\/html/);
});
