/**
 * The worst inputs that are known, sent to an API of its own: the answer and its time, how long `/healthz` waits meanwhile, and the
 * memory of the process before, at its most, and half a minute after all of them.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { loadavg } from "node:os";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { run } from "@reprise/contracts";
import { ZipFile } from "yazl";
import { memoryOf } from "./measures.js";
import { serveApi } from "./served-api.js";

type Body = string | Uint8Array<ArrayBuffer>;
type Input = { what: string; method?: "GET"; path: string; type?: string; body?: () => Promise<Body> };

const yaml = "application/yaml";
const json = "application/json";
const zip = "application/zip";
const preview = "/sweeps/preview";

const text = (of: () => string) => async () => of();
const packed = (files: Record<string, () => Buffer>) => async () => {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) archive.addBuffer(content(), name);
  archive.end();
  return new Uint8Array(await buffer(archive.outputStream));
};
const metadata = "ro-crate-metadata.json";

/** Nine levels of nine references each: 3 × 10^8 values. */
function aliases(): string {
  const of = (word: string) => `[${Array(9).fill(word).join(", ")}]`;
  const levels = Array.from(
    { length: 9 },
    (_, at) => `a${at}: &a${at} ${of(at === 0 ? "x" : `*a${at - 1}`)}`,
  );
  return levels.join("\n");
}

/** Incompressible enough to pass for records: lists of drawn digits, about a third of their size when packed. */
function digits(bytes: number): Buffer {
  let state = 18;
  const drawn = Buffer.alloc(bytes, "[0,1");
  for (let at = 4; at < bytes; at += 2) {
    state = (state * 48_271) % 2_147_483_647;
    drawn[at] = 0x2c;
    if (at + 1 < bytes) drawn[at + 1] = 0x30 + (state % 10);
  }
  return drawn;
}

const study = (rest: object) =>
  JSON.stringify({ name: "worst", dataset: "wdbc", base: { epochs: 3 }, seeds: [0], ...rest });
const searching = (name: string): Input => ({
  what: `a hyperparameter called ${name}`,
  path: preview,
  type: json,
  body: text(() => study({ search: { method: "grid", parameters: { [name]: [1, 2] } } })),
});
const began = (date: string): Input => ({
  what: `runs that began before ${date}`,
  method: "GET",
  path: `/runs?filter=${encodeURIComponent(`startedAt < '${date}'`)}`,
});

const inputsFor = (runId: string): Input[] => [
  {
    what: "100,000 brackets of YAML",
    path: preview,
    type: yaml,
    body: text(() => "[".repeat(100_000)),
  },
  {
    what: "25,000 mappings of YAML in one another",
    path: preview,
    type: yaml,
    body: text(() => "{a: ".repeat(25_000)),
  },
  { what: "aliases of aliases, 3 × 10⁸ values", path: preview, type: yaml, body: text(aliases) },
  { what: "YAML of 1 MB", path: preview, type: yaml, body: text(() => `name: ${"a".repeat(1_000_000)}`) },
  {
    what: "0.6 MB of JSON lists in one another",
    path: preview,
    type: json,
    body: text(() => "[".repeat(300_000) + "]".repeat(300_000)),
  },
  {
    what: "0.6 MB of JSON objects in one another",
    path: preview,
    type: json,
    body: text(() => `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
  },
  {
    what: "a hyperparameter whose value nests 5,000 deep",
    path: preview,
    type: json,
    body: text(() => study({ base: { epochs: "X" } }).replace('"X"', "[".repeat(5_000) + "]".repeat(5_000))),
  },
  searching("constructor"),
  searching("toString"),
  searching("__proto__"),
  began("-271821-04-20T00:00:00Z"),
  began("-004714-01-01"),
  {
    what: "metrics of 40 MB",
    path: `/runs/${runId}/metrics`,
    type: json,
    body: text(() => `{"metrics":[${" ".repeat(40_000_000)}]}`),
  },
  {
    what: "metrics of 100,000 names",
    path: `/runs/${runId}/metrics`,
    type: json,
    body: text(() =>
      JSON.stringify({
        step: 0,
        metrics: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`m${at}`, at])),
      }),
    ),
  },
  {
    what: "predictions of 60 MB that end in 1e999",
    path: `/runs/${runId}/predictions`,
    type: json,
    body: text(() => `{"scores":[${"1e-100,".repeat(8_500_000)}1e999]}`),
  },
  {
    what: "predictions of 60 MB, one below zero after twenty million labels",
    path: `/runs/${runId}/predictions`,
    type: json,
    body: text(() => `{"ids":[],"classes":["a","b"],"scores":[],"labels":[${"0,".repeat(20_000_000)}-1]}`),
  },
  {
    what: "predictions of 60 MB, every label below zero",
    path: `/runs/${runId}/predictions`,
    type: json,
    body: text(() => `{"ids":[],"classes":["a","b"],"scores":[],"labels":[${"-1,".repeat(20_000_000)}-1]}`),
  },
  {
    what: "an environment of 100,000 names",
    path: "/runs",
    type: json,
    body: text(() =>
      JSON.stringify({
        environment: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`n${at}`, []])),
      }),
    ),
  },
  {
    what: "a field whose name has 4,000,000 letters",
    path: "/runs",
    type: json,
    body: text(() => `{"${"x".repeat(4_000_000)}":1}`),
  },
  {
    what: "two million seeds that are none",
    path: preview,
    type: json,
    body: text(() => study({ seeds: [] }).replace("[]", `[${"[],".repeat(1_000_000)}[]]`)),
  },
  {
    what: "statistics of 30 MB of texts",
    path: "/statistics/ttest_1samp",
    type: json,
    body: text(() => `{"input":{"values":[${'"",'.repeat(10_000_000)}""]}}`),
  },
  {
    what: "an archive of 200 MB of brackets",
    path: "/sweeps/import",
    type: zip,
    body: packed({ [metadata]: () => Buffer.alloc(200_000_000, "[") }),
  },
  {
    what: "an archive of 500 MB of spaces",
    path: "/sweeps/import",
    type: zip,
    body: packed({ [metadata]: () => Buffer.alloc(500_000_000, " ") }),
  },
  {
    what: "an archive of 300 files of 1 MB of spaces",
    path: "/sweeps/import",
    type: zip,
    body: packed(
      Object.fromEntries([
        [metadata, () => Buffer.from("{}")],
        ...Array.from(
          { length: 300 },
          (_, at) => [`runs/${at}.json`, () => Buffer.alloc(1_000_000, " ")] as const,
        ),
      ]),
    ),
  },
  {
    what: "an archive of 100 MB of drawn digits, as large as records",
    path: "/sweeps/import",
    type: zip,
    body: packed({ [metadata]: () => digits(100_000_000) }),
  },
  {
    what: "40 MB that are not an archive",
    path: "/sweeps/import",
    type: zip,
    body: async () => new Uint8Array(40_000_000),
  },
  {
    what: "an address of 20,000 signs",
    method: "GET",
    path: `/runs?arm=${"x".repeat(20_000)}`,
  },
];

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const ms = (value: number) => `${Math.round(value)} ms`;

const api = await serveApi();
const health = new Worker(new URL("health-waits.mjs", import.meta.url), { workerData: api.url });
try {
  const root = `${api.url}/api/v1`;
  const logged = await fetch(`${root}/runs`, {
    method: "POST",
    headers: { "content-type": json },
    body: "{}",
  });
  const { id } = run.parse(await logged.json());
  // Threads and routes are started by the first that needs them; what a server takes once is no cost of an input.
  for (const input of inputsFor(id))
    if (input.what.includes("1e999") || input.type === yaml) await ask(root, input);
  await pause(2_000);
  const { now: before } = memoryOf(api.pid);
  console.log(`
| input (load ${loadavg()[0]?.toFixed(1)}) | answer | after | longest wait of /healthz meanwhile | memory at most so far |
|---|---:|---:|---:|---:|`);
  for (const input of inputsFor(id)) {
    const { status, took, longest } = await ask(root, input);
    console.log(
      `| ${input.what} | ${status} | ${ms(took)} | ${ms(longest)} | ${megabytes(memoryOf(api.pid).most)} |`,
    );
  }
  await pause(30_000);
  console.log(`
Memory of the API: ${megabytes(before)} before, ${megabytes(memoryOf(api.pid).now)} half a minute after the last input.`);
} finally {
  await health.terminate();
  await api.stop();
}

/** Sends one input, whose body is there before the clock starts. */
async function ask(root: string, { method, path, type, body }: Input) {
  const content = await body?.();
  await longestWait();
  const startedAt = performance.now();
  const status = await fetch(`${root}${path}`, {
    method: method ?? "POST",
    ...(type === undefined ? {} : { headers: { "content-type": type } }),
    ...(content === undefined ? {} : { body: content }),
  }).then(
    async (response) => {
      await response.arrayBuffer();
      return String(response.status);
    },
    (error: unknown) => `none (${error instanceof Error ? error.message : error})`,
  );
  const took = performance.now() - startedAt;
  return { status, took, longest: await longestWait() };
}

/** Of `/healthz`, since this was asked last. */
async function longestWait(): Promise<number> {
  const answer = once(health, "message");
  health.postMessage(null);
  return Number((await answer)[0]);
}
