import { problem } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import {
  type ApiUnderTest,
  announceWorker,
  smallStudy,
  startTestApi,
  trainRun,
} from "../integration/api-harness.js";
import { measuredHere } from "../support/machine.js";
import { fuzzRequests, fuzzSeed } from "./how-many.js";
import { drawRequests, type FuzzedRequest, intents, operations, type Principal } from "./requests.js";

/** Printed, so that what failed can be drawn again. */
const seed = Number(process.env[fuzzSeed] ?? Date.now() % 1_000_000);
const count = Number(process.env[fuzzRequests] ?? 500);
/** Generous: the machine may be busy. Who waits longer is told so, and nobody waits for ever. */
const answerWithinMs = 30_000;
const adminToken = "fuzz-administrator-token";

let api: ApiUnderTest;
let url: string;
beforeAll(async () => {
  api = await startTestApi({ authentication: { mode: "token", token: adminToken } });
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => api.close());

const withId = z.looseObject({ id: z.uuid() });
const withToken = z.looseObject({ token: z.string() });

async function asked<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const answer = await api.call("POST", path, { body, headers });
  expect(answer.status, answer.text).toBeLessThan(300);
  return schema.parse(answer.json);
}

/** A study with results, runs that are logged, an upload and a webhook. @returns the ids of all that */
async function furnish(): Promise<string[]> {
  const worker = await announceWorker(api);
  const study = await asked("/sweeps", smallStudy, withId);
  const runs = await api.db.prisma.run.findMany({ where: { sweepId: study.id }, take: 4 });
  for (const [index, { id }] of runs.slice(0, 3).entries())
    await trainRun(api, worker, id, { testAccuracy: 0.9 + index / 100, digest: "ab".repeat(32) });
  const logged = await asked("/runs", { study: "logged", dataset: "slides", params: { a: 1 } }, withId);
  const planned = await asked(
    "/sweeps",
    { name: "planned", trainer: "external", dataset: "slides", seeds: [0, 1, 2] },
    withId,
  );
  const upload = await asked("/imports", undefined, withId);
  const hook = await asked(
    "/webhooks",
    { name: "hook", kind: "generic", url: "https://hooks.example.org/x" },
    withId,
  );
  return [study.id, ...runs.map(({ id }) => id), logged.id, planned.id, upload.id, hook.id, worker.id];
}

async function tokens(): Promise<Record<Principal, string | null>> {
  const of = async (role: "viewer" | "runner") =>
    (await asked("/tokens", { name: role, role }, withToken)).token;
  return { viewer: await of("viewer"), runner: await of("runner"), admin: adminToken, nobody: null };
}

/** How many rows every table has. */
async function rowCounts(): Promise<string> {
  const tables = await api.db.prisma.$queryRaw<Array<{ name: string }>>`
    SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
  const counts = tables.map(({ name }) => `(SELECT count(*)::int FROM ${name}) AS ${name}`);
  return JSON.stringify(await api.db.prisma.$queryRawUnsafe(`SELECT ${counts.join(", ")}`));
}

type Answered = { status: number; type: string; text: string; ms: number };

async function send(request: FuzzedRequest, token: string | null): Promise<Answered> {
  const startedAt = performance.now();
  const ending = new AbortController();
  const response = await fetch(`${url}${request.url}`, {
    method: request.operation.method,
    headers: { ...request.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(request.body === null ? {} : { body: request.body }),
    signal: AbortSignal.any([AbortSignal.timeout(answerWithinMs), ending.signal]),
  });
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  // A stream goes on for as long as somebody listens.
  const text = type === "text/event-stream" ? "" : await response.text();
  ending.abort();
  return { status: response.status, type, text, ms: performance.now() - startedAt };
}

/** What is wrong with an answer; null where nothing is. */
function wrongIn({ operation }: FuzzedRequest, { status, type, text }: Answered): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`;
  if (status >= 400) {
    if (type !== "application/problem+json") return `answered ${status} as ${type}: ${text.slice(0, 300)}`;
    const parsed = problem.safeParse(JSON.parse(text));
    return parsed.success ? null : `answered a problem that is none: ${z.prettifyError(parsed.error)}`;
  }
  return String(status) in operation.responses ? null : `answered ${status}, which is not described`;
}

it("no request is answered by a fault of the server, waits for ever, or leaves half of what it asked for", async () => {
  console.log(
    `fuzz: ${count} requests to ${operations.length} operations, seed ${seed} (${fuzzSeed}=${seed})`,
  );
  const [begun, startedAt] = [measuredHere(), performance.now()];
  const [ids, tokenOf] = [await furnish(), await tokens()];
  const requests = drawRequests(seed, count, ids);
  expect(requests).toHaveLength(count);
  const violations = new Map<string, string>();
  const answered = new Map<string, number>();
  let slowest = 0;
  let before = await rowCounts();
  for (const request of requests) {
    const { operation, intent, principal, body } = request;
    const found = await send(request, tokenOf[principal]).then(
      (answer) => answer,
      (error: unknown) => `had no answer: ${error instanceof Error ? error.message : error}`,
    );
    const after = await rowCounts();
    const wrong =
      typeof found === "string"
        ? found
        : (wrongIn(request, found) ??
          (found.status >= 400 && before !== after
            ? `answered ${found.status} and changed ${before} to ${after}`
            : null));
    before = after;
    if (typeof found !== "string") slowest = Math.max(slowest, found.ms);
    const key = `${intent} ${typeof found === "string" ? "none" : `${String(found.status)[0]}xx`}`;
    answered.set(key, (answered.get(key) ?? 0) + 1);
    if (wrong !== null)
      violations.set(
        `${operation.method} ${operation.path} ${wrong.slice(0, 40)}`,
        `${principal}, ${intent}: ${operation.method} ${request.url.slice(0, 400)} ${JSON.stringify(request.headers)} ${body?.slice(0, 1_000)}\n  ${wrong}`,
      );
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  const kinds = ["2xx", "3xx", "4xx", "5xx", "none"];
  const rows = intents.map(
    (intent) => `| ${intent} | ${kinds.map((kind) => answered.get(`${intent} ${kind}`) ?? 0).join(" | ")} |`,
  );
  console.log(
    `${begun}: \`npx pnpm fuzz --seed ${seed} --requests ${count}\`, in ${seconds} s\n\n`,
    [`| request | ${kinds.join(" | ")} |`, `|---${"|---".repeat(kinds.length)}|`, ...rows].join("\n"),
    `\nslowest answer: ${slowest.toFixed(0)} ms`,
  );
  expect([...violations.values()].join("\n")).toBe("");
}, 3_600_000);
