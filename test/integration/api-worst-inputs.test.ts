import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { problem, run } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ZipFile } from "yazl";
import { loopTimeOf, processTimeOf } from "../support/loop-share.js";
import { testDatabase } from "../support/postgres.js";
import { dataFolder, freePort, reprise } from "../support/start-reprise.js";

// The API in a process of its own, as it is released, whose event loop and memory are no other's. What a busy machine makes
// longer is not measured: processor time is, of the process and of the event loop's thread.

const missing = process.platform === "linux" ? null : "processor time of a thread, which only Linux tells";

const data = dataFolder();
let database: Awaited<ReturnType<typeof testDatabase>>;
let server: ReturnType<typeof reprise>;
let root: string;
let pid: number;
beforeAll(async () => {
  if (missing) return;
  database = await testDatabase();
  const port = await freePort();
  root = `http://127.0.0.1:${port}`;
  server = reprise(["api"], {
    ...{ DATABASE_URL: database.url, REPRISE_PORT: port, REPRISE_DATA_DIR: data.path, REPRISE_TOKEN: "" },
    ...{ REDIS_URL: "", REPRISE_LOG_LEVEL: "warn" },
  });
  pid = server.process.pid ?? 0;
  const isServing = () =>
    fetch(`${root}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(isServing, { timeout: 60_000, interval: 100 });
});
afterAll(async () => {
  if (missing) return;
  const ended = once(server.process, "exit");
  server.process.kill("SIGTERM");
  await ended;
  await database.drop();
  data.remove();
});

const memory = () =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN);

/** An archive whose description is one character, so often; made piece by piece. */
async function archiveOf(character: string, megabytes: number): Promise<Buffer> {
  const zip = new ZipFile();
  const piece = Buffer.alloc(1_000_000, character);
  zip.addReadStream(Readable.from(Array(megabytes).fill(piece)), "ro-crate-metadata.json");
  zip.end();
  return buffer(zip.outputStream);
}

/** Answers of /healthz until it is ended; what the event loop worked at most between a question and its answer, in ms. */
function askHealth(): () => Promise<number> {
  let asking = true;
  const worked = (async () => {
    let most = 0;
    while (asking) {
      const before = loopTimeOf(pid);
      const answer = await fetch(`${root}/healthz`);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
      most = Math.max(most, loopTimeOf(pid) - before);
      await pause(5);
    }
    return most;
  })();
  return () => {
    asking = false;
    return worked;
  };
}

describe("what was made to exhaust is refused with a second of work at most, and others are answered meanwhile", () => {
  type Sent = { path: string; type: string; body: string | Buffer };
  const json = "application/json";
  const preview = "/sweeps/preview";
  const inputs: [string, () => Promise<Sent>][] = [
    [
      "100,000 brackets of YAML",
      async () => ({ path: preview, type: "application/yaml", body: "[".repeat(100_000) }),
    ],
    [
      "0.6 MB of nested JSON",
      async () => ({ path: preview, type: json, body: "[".repeat(300_000) + "]".repeat(300_000) }),
    ],
    [
      "an archive of 200 MB of brackets",
      async () => ({ path: "/sweeps/import", type: "application/zip", body: await archiveOf("[", 200) }),
    ],
    [
      "an archive of 500 MB of spaces",
      async () => ({ path: "/sweeps/import", type: "application/zip", body: await archiveOf(" ", 500) }),
    ],
    [
      "a report of 40 MB of metrics",
      async () => {
        const logged = await fetch(`${root}/api/v1/runs`, {
          ...{ method: "POST", headers: { "content-type": json }, body: "{}" },
        });
        const { id } = run.parse(await logged.json());
        const body = `{"metrics":[${" ".repeat(40_000_000)}]}`;
        return { path: `/runs/${id}/metrics`, type: json, body };
      },
    ],
  ];

  const send = ({ path, type, body }: Sent) =>
    fetch(`${root}/api/v1${path}`, {
      ...{ method: "POST", headers: { "content-type": type } },
      body: typeof body === "string" ? body : new Uint8Array(body),
    });

  it.for(inputs)("%s", async ([, make], { skip }) => {
    if (missing) skip(missing);
    const input = await make();
    // Threads and routes are started by the first that needs them; what a server takes once is no cost of an input.
    await (await send(input)).arrayBuffer();
    await pause(200);
    const before = memory();
    const ended = askHealth();
    const from = processTimeOf(pid);
    const answer = await send(input);
    const refused = problem.parse(await answer.json());
    const worked = processTimeOf(pid) - from;
    expect(refused.status).toBe(answer.status);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(worked).toBeLessThanOrEqual(1_000);
    expect(await ended()).toBeLessThanOrEqual(200);
    await expect.poll(() => (memory() - before) / 1e6, { timeout: 60_000 }).toBeLessThan(50);
  });
});
