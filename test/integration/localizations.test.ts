import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startDispatcher } from "@reprise/api";
import {
  evidence,
  type Localization,
  localization,
  localizationList,
  pageOf,
  type Run,
  run,
  type SweepSpecInput,
  verification,
} from "@reprise/contracts";
import { createLocalization, readLadder } from "@reprise/database";
import { createWorker, readWorkerConfig } from "@reprise/worker";
import { afterAll, describe, expect, it } from "vitest";
import { startCollector } from "../support/collector.js";
import { python, pythonPackage, torchMissing } from "../support/python.js";
import { reprise } from "../support/start-reprise.js";
import { warmPython } from "../support/warm-python.js";
import { announceWorker, problemOf, smallStudy, startTestApi } from "./api-harness.js";

const collector = await startCollector();
const api = await startTestApi();
const url = await api.app.listen({ host: "127.0.0.1", port: 0 });
const missing = torchMissing();
const warm = missing ? null : await warmPython();
const torchPython = warm?.path ?? python;
const script = fileURLToPath(new URL("../scripts/stateful-torch.py", import.meta.url));
const dispatcher = startDispatcher(api.context);
const dataDirectory = await mkdtemp(join(tmpdir(), "reprise-localizations-"));
const worker = createWorker({
  ...readWorkerConfig({ DATABASE_URL: api.config.databaseUrl, REPRISE_DATA_DIR: dataDirectory }),
  name: "tracer",
  logLevel: "silent",
  heartbeatMs: 200,
  batchMs: 50,
  shutdownGraceMs: 0,
  trainers: [
    { name: "stateful", command: `"${torchPython}" "${script}" --epochs {epochs} --seed {seed}` },
    { name: "echo", command: "echo {lr}" },
    {
      name: "torch-laptop",
      command: torchPython,
      args: ["-m", "reprise.trainers.laptop"],
      env: { PYTHONPATH: pythonPackage },
    },
  ],
});
if (!missing) await worker.start();
afterAll(async () => {
  await worker.stop();
  await warm?.close();
  await dispatcher.stop();
  await api.close();
  await collector.close();
  await rm(dataDirectory, { recursive: true, force: true });
});

/** Polls, as clients do. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The runs of a study once all have ended. */
async function trained(spec: SweepSpecInput): Promise<Run[]> {
  const { id } = await api.createSweep(spec);
  return until(async () => {
    const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
    return items.every(({ status }) => !["queued", "running"].includes(status)) ? items : null;
  });
}

/** Waits until the worker has been seen again, and once more. */
async function twoBeats(): Promise<void> {
  for (let beats = 0; beats < 2; beats += 1) {
    const seen = async () =>
      (await api.db.prisma.worker.findUniqueOrThrow({ where: { id: worker.id } })).lastSeenAt.getTime();
    const before = await seen();
    await until(async () => ((await seen()) > before ? true : null));
  }
}

/** Whether there is such a process, or one of it that nobody has waited for. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const locate = (runId: string, body: object) => api.call("POST", `/runs/${runId}/locate`, { body });

/** By the command line: what it prints, and what the server then has. */
async function locatedByCommand(a: string, b: string) {
  const started = reprise(["locate", a, b], { REPRISE_URL: url });
  const [code] = await once(started.process, "close");
  const { items } = await api.get(`/runs/${a}/localizations?other=${b}`, localizationList);
  return { code, printed: started.printed(), found: items[0] };
}

const byPython = `
import json, sys
from reprise import Reprise
told = []
found = Reprise(sys.argv[1]).locate(sys.argv[2], sys.argv[3], tries=5, every=0.1, report=told.append)
print(json.dumps({"found": found, "told": told}))
`;

/** By the client of a notebook: what it returns, and the states it reports. */
async function locatedByPython(a: string, b: string): Promise<{ found: Localization; told: string[] }> {
  const env = { ...process.env, PYTHONPATH: pythonPackage };
  const { stdout } = await promisify(execFile)(python, ["-c", byPython, url, a, b], { env });
  const { found, told } = JSON.parse(stdout);
  return { found: localization.parse(found), told };
}

const free = (name: string, repeats: number): SweepSpecInput["arms"] => [
  { name, execution: { order: "free", algorithms: "default" }, repeats },
];

describe("two runs located by a worker", () => {
  it("go on from the checkpoints that run.state left, and name the line that draws unseeded", async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const [first, second] = await trained({
      ...{ name: "stateful", trainer: "stateful", dataset: "made up", base: { epochs: 3 } },
      ...{ seeds: [4], arms: free("free", 2), checkpointEveryEpochs: 1 },
    });
    if (!first || !second) throw new Error("there are two runs");
    expect([first.status, second.status]).toEqual(["succeeded", "succeeded"]);
    const { code, printed, found } = await locatedByCommand(first.id, second.id);
    expect(code, printed).toBe(1);
    expect(printed).toMatch(/^traced by tracer$/m);
    expect(printed).toMatch(/^Operation +aten\.mul\.Tensor/m);
    expect(printed).toMatch(/^Traced from +their checkpoints after step 8$/m);
    expect(found).toMatchObject({
      ...{ status: "ended", workerName: "tracer", explanation: null, remarks: [] },
      recorded: { kind: expect.stringMatching(/^(step|epoch)$/) },
      from: { step: 8, epoch: 2, why: null },
      result: {
        steps: 0,
        parted: { step: 9, class: "arguments-differ", phase: "loss", operation: "aten.mul.Tensor" },
      },
    });
    expect(found?.result?.parted?.line).toMatch(/^stateful-torch\.py:\d+$/);
    // Of the same trace as the request that asked for it.
    const span = await collector.until(({ name }) => name === "locate");
    expect(span.attributes).toMatchObject({
      ...{ "reprise.localization.id": found?.id, "reprise.localization.outcome": "ended" },
      ...{ "reprise.run.id": first.id, "reprise.other_run.id": second.id, "reprise.worker.name": "tracer" },
    });
    const near = collector.spans.filter(({ traceId }) => traceId === span.traceId);
    expect(near.find(({ spanId }) => spanId === span.parentSpanId)?.name).toBe(
      "POST /api/v1/runs/:id/locate",
    );
    const parts = near.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(({ name }) => name);
    expect(parts).toEqual(["claim", "trainers stateful", "write end"]);
    for (const id of [first.id, second.id]) {
      const { divergence } = await api.get(`/runs/${id}/evidence`, evidence);
      expect(divergence).toMatchObject({ runIds: [first.id, second.id], from: { step: 8 } });
    }
    const listed = await api.get(`/runs/${second.id}/localizations?other=${first.id}`, localizationList);
    expect(listed).toMatchObject({ items: [{ id: found?.id }], refusal: null, command: null });
    // Nothing more is in the ladders: what was traced is no run.
    expect((await readLadder(api.db, first.id))?.rungs.filter(({ kind }) => kind === "epoch")).toHaveLength(
      3,
    );
  });

  it("name the operation of PyTorch that races, with its documentation", async ({ skip }) => {
    if (missing) skip(missing);
    const [first, second] = await trained({
      ...{ name: "laptop", trainer: "torch-laptop", dataset: "digits", base: { epochs: 2, learningRate: 1 } },
      ...{ seeds: [1], arms: free("free", 2) },
    });
    if (!first || !second) throw new Error("there are two runs");
    expect(first.digest).not.toBe(second.digest);
    const { found, told } = await locatedByPython(first.id, second.id);
    expect(told.at(-1)).toBe("running");
    expect(found.from?.why).toMatch(/checkpointEveryEpochs/);
    expect(found.result?.parted).toMatchObject({
      ...{ class: "nondeterministic-operation", phase: "backward" },
      operation: "aten.index_put.default",
      documentation: expect.stringMatching(/^https:\/\/docs\.pytorch\.org\//),
      causes: [{ name: expect.any(String) }],
    });
    expect(found.result?.parted?.ulp).toBeGreaterThan(0);
  });

  it("are cancelled while they are traced, and the worker takes the next", async ({ skip }) => {
    if (missing) skip(missing);
    const [only] = await trained({
      ...{ name: "long", trainer: "stateful", dataset: "made up", base: { epochs: 400 } },
      ...{ seeds: [0], modes: { deterministic: { repeats: 1 } } },
    });
    const id = only?.id ?? "";
    const asked = localization.parse((await locate(id, {})).json);
    expect(problemOf(await locate(id, {}), 409, "conflict").detail).toContain("already");
    await until(async () =>
      (await api.get(`/localizations/${asked.id}`, localization)).progress === null ? null : true,
    );
    expect((await api.call("POST", `/localizations/${asked.id}/cancel`)).json).toMatchObject({
      status: "cancelled",
    });
    // Whoever traces a run trains it: a worker that lacks what it requires takes none.
    const require = (requires: Record<string, string>) =>
      api.db.prisma.run.update({ where: { id }, data: { requires } });
    await require({ site: "basel" });
    expect(problemOf(await locate(id, {}), 409, "conflict").detail).toMatch(
      /^No worker that can trace trainer stateful and has site: basel is connected/,
    );
    const wanted = {
      runId: id,
      otherRunId: null,
      trainer: "stateful",
      tries: 1,
      recorded: null,
      remarks: [],
    };
    const created = await createLocalization(api.db, { ...wanted, traceparent: null });
    if (!created.ok) throw new Error("it is queued");
    const next = created.value;
    await twoBeats();
    expect(await api.get(`/localizations/${next.id}`, localization)).toMatchObject({ status: "queued" });
    await require({});
    const begun = await until(async () => {
      const now = await api.get(`/localizations/${next.id}`, localization);
      return now.status === "running" && now.from !== null ? now : null;
    });
    expect(begun.from).toMatchObject({ step: 0, why: expect.stringContaining("Nothing is recorded") });
    await api.call("POST", `/localizations/${next.id}/cancel`);
  });
});

describe("what cannot be located says why", () => {
  const refusalFor = async (runId: string, other?: string) => {
    const { refusal, command } = await api.get(
      `/runs/${runId}/localizations${other ? `?other=${other}` : ""}`,
      localizationList,
    );
    const detail = problemOf(await locate(runId, other ? { other } : {}), 409, "conflict").detail;
    expect(detail.startsWith(refusal ?? "there is one")).toBe(true);
    return { refusal, command };
  };

  it("a program that Reprise has not started: with the command to type", async () => {
    const logged = async (seed: number) => {
      const answer = await api.call("POST", "/runs", {
        body: { study: "by hand", params: { lr: 1 }, seed, mode: "nondeterministic" },
      });
      expect(answer.status, answer.text).toBe(201);
      return run.parse(answer.json).id;
    };
    const [a, b] = [await logged(0), await logged(1)];
    const { refusal, command } = await refusalFor(a, b);
    expect(refusal).toContain("has not started this program");
    expect(command).toContain(`python -m reprise locate --run ${a} --run ${b} train.py`);
  });

  it("runs that are not over, of other configurations, or the very same", async () => {
    await announceWorker(api);
    const { id } = await api.createSweep(smallStudy);
    const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
    const [one] = items;
    const other = items.find(({ configurationKey }) => configurationKey !== one?.configurationKey);
    expect((await refusalFor(one?.id ?? "", one?.id)).refusal).toContain("same run");
    expect((await refusalFor(one?.id ?? "", other?.id)).refusal).toContain("two configurations");
    expect((await refusalFor(one?.id ?? "")).refusal).toContain("own trainer needs no tracing");
  });

  it("a program that is not Python, and two runs that are equal to their result", async ({ skip }) => {
    if (missing) skip(missing);
    const [echoed] = await trained({
      ...{ name: "echo", trainer: "echo", dataset: "none", base: { lr: 1 }, seeds: [0] },
      modes: { deterministic: { repeats: 1 } },
    });
    expect((await refusalFor(echoed?.id ?? "")).refusal).toContain("does not announce");
    const [a, b] = await trained({
      ...{ name: "equal", trainer: "torch-laptop", dataset: "digits", base: { epochs: 1 }, seeds: [0] },
      modes: { deterministic: { repeats: 2 } },
    });
    expect((await refusalFor(a?.id ?? "", b?.id)).refusal).toContain("equal at every rung");
    // Trained a third time, by a process of its own, it is judged from the ladders.
    const asked = await api.call("POST", `/runs/${a?.id}/verify`);
    const { id } = verification.parse(asked.json);
    const judged = await until(async () => {
      const now = await api.get(`/verifications/${id}`, verification);
      return now.status === "ended" || now.status === "failed" ? now : null;
    });
    expect(judged).toMatchObject({
      status: "ended",
      verdict: "bit-identical",
      firstDivergence: null,
      suspects: [],
    });
  });
});

it("a job whose processes are all told to stop gives back what it traces", async ({ skip }) => {
  if (missing) skip(missing);
  const [only] = await trained({
    ...{ name: "stopped", trainer: "stateful", dataset: "made up", base: { epochs: 400 } },
    ...{ seeds: [0], modes: { deterministic: { repeats: 1 } } },
  });
  const asked = localization.parse((await locate(only?.id ?? "", {})).json);
  await until(async () =>
    (await api.get(`/localizations/${asked.id}`, localization)).progress === null ? null : true,
  );
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const tracing = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, parent, ...words]) => parent === `${process.pid}` && words.includes("reprise.locating.job"));
  const pid = Number(tracing?.[0]);
  process.kill(pid, "SIGTERM");
  await expect.poll(() => isThere(pid)).toBe(false);
  // The worker hears of it when it has seen that end already.
  await twoBeats();
  await worker.stop();
  const { items } = await api.get(`/runs/${only?.id}/localizations`, localizationList);
  expect(items).toMatchObject([{ id: asked.id, status: "queued", explanation: null, workerName: null }]);
});
