import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evidence, runDetail } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { python, pythonPackage, torchMissing } from "../support/python.js";
import { startTestServer } from "../support/test-server.js";
import { warmPython } from "../support/warm-python.js";

const missing = torchMissing();
const script = fileURLToPath(new URL("../scripts/processes-torch.py", import.meta.url));
const spool = mkdtempSync(join(tmpdir(), "reprise-spool-"));
let server: Awaited<ReturnType<typeof startTestServer>>;
let warm: Awaited<ReturnType<typeof warmPython>> | undefined;
beforeAll(async () => {
  server = await startTestServer();
  if (!missing) warm = await warmPython();
});
afterAll(async () => {
  await warm?.close();
  await server.close();
  rmSync(spool, { recursive: true });
});

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const answer = await fetch(`${server.url}/api/v1${path}`);
  return schema.parse(await answer.json());
}

/** A run of so many processes, with what was seen of it. */
async function trained(processes: number) {
  const torchrun = ["-m", "torch.distributed.run", "--standalone", `--nproc-per-node=${processes}`];
  const launch = ["-m", "reprise", "run", "--study", "processes", "--arm", "det", "--seed", "7", script];
  const words = [...(processes > 1 ? torchrun : []), ...launch, "--processes", `${processes}`];
  const child = spawn(warm?.path ?? python, [...words, "--workers", "0"], {
    env: { ...process.env, REPRISE_URL: server.url, REPRISE_SPOOL: spool, PYTHONPATH: pythonPackage },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, "close");
  expect(code, said).toBe(0);
  const id = /\/runs\/([0-9a-f-]{36})/.exec(said)?.[1] ?? "";
  const { coverage, observed, gaps } = await get(`/runs/${id}/evidence`, evidence);
  return { run: await get(`/runs/${id}`, runDetail), coverage, observed, gaps };
}

it("each number of processes is a configuration of its own, and every one of them is looked into", async ({
  skip,
}) => {
  if (missing) skip(missing);
  const [one, two, again] = [await trained(1), await trained(2), await trained(2)];
  expect([one.run.params, two.run.params]).toEqual([
    { processes: 1, workers: 0 },
    { processes: 2, workers: 0 },
  ]);
  expect(two.run.sweepId).toBe(one.run.sweepId);
  expect(two.run.configurationKey).not.toBe(one.run.configurationKey);
  expect(again.run.configurationKey).toBe(two.run.configurationKey);
  expect([one, two].map(({ coverage }) => [coverage.ranks, coverage.lastStep])).toEqual([
    [[0], 8],
    [[0, 1], 4],
  ]);
  for (const { observed, gaps, run } of [one, two, again]) {
    const workers = observed.filter(({ name }) => name === "loader.num_workers").map(({ value }) => value);
    expect(new Set(workers)).toEqual(new Set([0]));
    expect(gaps).toEqual([]);
    expect(run.departures).toBe(0);
  }
  // Half the batch a process: other weights than those of one, and the same each time.
  expect(two.run.digest).not.toBe(one.run.digest);
  expect(again.run.digest).toBe(two.run.digest);
});
