import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Run,
  type RunLadder,
  run as runSchema,
  type Sweep,
  sweep as sweepSchema,
  type Verification,
  type VerificationList,
  verification as verificationSchema,
  weightDistances,
} from "@reprise/contracts";
import { connectDatabase, type DatabasePool } from "@reprise/database";
import { judgeReplica } from "@reprise/study";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, sweepUntil } from "../support/api.js";
import { type ReceivedSpan, startCollector } from "../support/collector.js";
import { reprise } from "../support/start-reprise.js";
import { startTestServer } from "../support/test-server.js";

// One server, one worker and the built-in trainer, as they are started for real.

const study = {
  name: "verified",
  dataset: "wdbc",
  base: {
    model: "mlp",
    hiddenUnits: [32, 32],
    epochs: 8,
    batchSize: 32,
    optimizer: "adam",
    learningRate: 0.05,
  },
  search: { method: "grid", parameters: { batchNorm: [true, false] } },
  seeds: [0],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
  resources: { threads: 2 },
};

let url: string;
let api: Api;
let db: DatabasePool;
let sweep: Sweep;
let runs: Run[];
let databaseUrl: string;
let collector: Awaited<ReturnType<typeof startCollector>>;
const closing: Array<() => Promise<unknown> | unknown> = [];

beforeAll(async () => {
  collector = await startCollector();
  closing.push(() => collector.close());
  const server = await startTestServer();
  closing.push(() => server.close());
  ({ url, api, databaseUrl } = server);
  db = connectDatabase({ url: databaseUrl });
  closing.push(() => db.close());
  const folder = mkdtempSync(join(tmpdir(), "reprise-verification-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  await server.startWorker("one", folder);
  const { id } = sweepSchema.parse(await api.createSweep(study));
  sweep = await sweepUntil(api, url, id);
  expect(sweep).toMatchObject({ status: "succeeded", totalRuns: 4 });
  runs = (await api.runs(id)).map((item) => runSchema.parse(item));
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** The run of an arm, with batch norm unless said otherwise. */
function runOf(arm: string, { batchNorm = true } = {}): Run {
  const found = runs.find((run) => run.arm === arm && run.params.batchNorm === batchNorm);
  if (!found) throw new Error(`no such run in arm ${arm}`);
  return found;
}

/** Waits until a verification has ended; its settling is announced by no event of its own. */
async function untilEnded({ id }: Verification): Promise<Verification> {
  let now: Verification | undefined;
  await expect
    .poll(
      async () => {
        now = verificationSchema.parse(await api.call(`/verifications/${id}`));
        return now.status;
      },
      { timeout: 100_000, interval: 100 },
    )
    .toMatch(/ended|failed/);
  return verificationSchema.parse(now);
}
const ask = (run: Run, kind: "verify" | "replay") => api.call<Verification>(`/runs/${run.id}/${kind}`, {});
const ladderOf = (id: string) => api.call<RunLadder>(`/runs/${id}/ladder`);

/** Two runs as `judgeReplica` compares them. */
async function judged(a: Run, b: Run, change: (rungs: RunLadder["rungs"]) => RunLadder["rungs"] = (r) => r) {
  const [left, right] = [await ladderOf(a.id), await ladderOf(b.id)];
  return judgeReplica({
    kind: "verify",
    source: { run: a, rungs: left.rungs, environment: {} },
    replica: { run: b, rungs: change(right.rungs), environment: {} },
    plan: null,
    runs,
  });
}

/** Verifies a run after `fault` has been planted into its replica, which no worker may have taken yet. */
async function verifyWithFault(
  run: Run,
  fault: { seed?: bigint; order?: "permuted"; dataOrder?: "varied" },
): Promise<Verification> {
  // The replica is written and altered while the dispatcher waits for this lock, so that no worker sees it before.
  const lock = 0x64_69_73_70;
  const asked = await db.prisma.$transaction(
    async (sql) => {
      await sql.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 0`;
      await sql.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::int8)`;
      const created = await ask(run, "verify");
      await db.prisma.run.update({
        where: { id: created.replicaRunId },
        data: {
          ...(fault.seed === undefined ? {} : { seed: fault.seed }),
          ...(fault.order ? { execution: { ...run.execution, order: fault.order } } : {}),
          ...(fault.dataOrder ? { noise: { ...run.noise, dataOrder: fault.dataOrder } } : {}),
        },
      });
      return created;
    },
    { timeout: 60_000 },
  );
  return untilEnded(asked);
}

async function cli(...words: string[]): Promise<{ code: number | null; printed: string }> {
  const started = reprise(words, { REPRISE_URL: url });
  const [code] = await once(started.process, "close");
  return { code, printed: started.printed() };
}

/** Spans of a run's way, from the request that queued it to what was done in its attempt. */
async function traceOf({ id }: { id: string }) {
  const attempt = await collector.until(
    ({ name, attributes }) => name === "process runs-tfjs-cpu" && attributes["reprise.run.id"] === id,
  );
  const { spans } = collector;
  const above = (span: ReceivedSpan): ReceivedSpan[] => {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    return parent ? [...above(parent), parent] : [];
  };
  const parts = spans.filter(({ parentSpanId }) => parentSpanId === attempt.spanId);
  return { attempt, way: above(attempt), parts: parts.map(({ name }) => name).sort() };
}

describe("the trace of a run", () => {
  it("leads from the request that created its study to the trainer and the end", async () => {
    for (const run of [runOf("det"), runOf("free")]) {
      const { attempt, way, parts } = await traceOf(run);
      expect(way).toMatchObject([
        {
          name: "POST /api/v1/sweeps",
          kind: 2,
          attributes: { "http.route": "/api/v1/sweeps", "http.response.status_code": 201 },
          resource: { "service.name": "reprise-api" },
        },
        { name: "create sweep", attributes: { "reprise.sweep.id": sweep.id, "reprise.sweep.runs": 4 } },
        { name: "send runs-tfjs-cpu", kind: 4, attributes: { "messaging.message.id": `run-${run.id}-1` } },
      ]);
      expect(attempt).toMatchObject({
        kind: 5,
        attributes: {
          "messaging.message.id": `run-${run.id}-1`,
          "reprise.sweep.id": sweep.id,
          "reprise.run.arm": run.arm,
          "reprise.run.seed": run.seed,
          "reprise.run.outcome": "succeeded",
          "reprise.worker.name": "one",
        },
        resource: { "service.name": "reprise-worker" },
      });
      expect(parts).toEqual(["claim", "trainer tfjs", "write end"]);
      expect(new Set([attempt, ...way].map(({ traceId }) => traceId)).size).toBe(1);
    }
  });
});

describe("a run that is done again", () => {
  it("in fixed order is bit-identical", async () => {
    const source = runOf("det");
    const ended = await untilEnded(await ask(source, "verify"));
    expect(ended).toMatchObject({ status: "ended", verdict: "bit-identical", firstDivergence: null });
    const replica = await api.run(ended.replicaRunId);
    expect(replica).toMatchObject({ purpose: "verification", sourceRunId: source.id, digest: source.digest });
    expect((await ladderOf(replica.id)).rungs.length).toBeGreaterThan(30);
    // The study stands as it stood.
    expect(await api.sweep(sweep.id)).toEqual(sweep);
  });

  it("in free order differs from some step on, and its replay does not", async () => {
    const source = runOf("free");
    const [verified, replayed] = await Promise.all([ask(source, "verify"), ask(source, "replay")]);
    const different = await untilEnded(verified);
    expect(different).toMatchObject({
      verdict: "different",
      firstDivergence: { kind: "step", measured: { stored: "finalWeights", epoch: 8 } },
    });
    expect(different.firstDivergence?.tensors).not.toEqual([]);
    expect(different.firstDivergence?.maxUlp).toBeGreaterThan(0);
    expect(different.explanation).toMatch(
      /^The runs part at step \d+ \(epoch \d\): they differ first in the .+\. In the final weights, after 80 steps, \d+ tensors differ by at most [\d.e+]+ ulp/,
    );
    const same = await untilEnded(replayed);
    expect(same).toMatchObject({ kind: "replay", verdict: "bit-identical", firstDivergence: null });
    expect((await api.run(same.replicaRunId)).digest).toBe(source.digest);
    const listed = await api.call<{ items: Verification[] }>(`/runs/${source.id}/verifications`);
    expect(listed.items).toHaveLength(2);

    const apart = async ({ id }: Verification) =>
      weightDistances.parse(await api.call(`/verifications/${id}/weight-distances`)).items;
    const [parted] = await apart(different);
    expect(parted).toMatchObject({ stored: "finalWeights", step: 80, epoch: 8 });
    expect(parted?.log10).toBeCloseTo(Math.log10(Number(parted?.distance)), 10);
    expect(await apart(same)).toEqual([
      { stored: "finalWeights", step: 80, epoch: 8, distance: 0, log10: null },
    ]);
  });

  it("is found on the command line by the name of its sweep", async () => {
    const printed = async (...words: string[]) => {
      const started = reprise(["sweep", ...words, "--server", url.replace("http://", "")]);
      await once(started.process, "close");
      return started.printed();
    };
    expect(await printed("list")).toContain(`${sweep.id}  ${sweep.name}: succeeded (`);
    const lines = (await printed("runs", sweep.name)).trim().split("\n");
    const short = ({ id, digest }: Run) => expect.stringMatching(`^${id}  .*: ${digest?.slice(0, 8)}$`);
    expect(lines).toHaveLength(runs.length);
    expect(lines).toEqual(expect.arrayContaining(runs.map(short)));
    expect(await printed("status", `${sweep.name}s`)).toContain(`Did you mean "${sweep.name}"?`);
  });

  it("of another configuration is incomparable", async () => {
    const other = await judged(runOf("det"), runOf("det", { batchNorm: false }));
    expect(other).toMatchObject({ verdict: "incomparable", firstDivergence: null });
    expect(other.explanation).toContain("batchNorm");
    expect((await judged(runOf("det"), runOf("det"))).verdict).toBe("bit-identical");
  });

  it("with a planted fault parts at the rung of the fault", async () => {
    const source = runOf("det");
    const seed = await verifyWithFault(source, { seed: 1n });
    expect(seed).toMatchObject({ verdict: "different", firstDivergence: { kind: "dataOrder", position: 1 } });
    const shuffled = await verifyWithFault(source, { dataOrder: "varied" });
    expect(shuffled.firstDivergence).toMatchObject({ kind: "dataOrder", position: 1 });
    const permuted = await verifyWithFault(source, { order: "permuted" });
    expect(permuted.firstDivergence).toMatchObject({ kind: "step" });
    expect(permuted.suspects.map(({ key }) => key)).toContain("summationOrder");
  });
});

describe("reprise verify and replay", () => {
  it("print the verdict and end with 0 where the run repeats", async () => {
    const verified = await cli("verify", runOf("det").id);
    expect(verified.printed).toMatch(/verdict\s+bit-identical/);
    expect(verified.code).toBe(0);
    const replayed = await cli("replay", runOf("free").id);
    expect(replayed.printed).toMatch(/verdict\s+bit-identical/);
    expect(replayed.code).toBe(0);
  });

  it("end with 1 where it differs, and with 2 for what cannot be asked", async () => {
    const different = await cli("verify", runOf("free").id);
    expect(different.printed).toMatch(/verdict\s+different\nfirst divergence\s+at step \d+/);
    expect(different.code).toBe(1);
    const refused = await cli("replay", runOf("det").id);
    expect(refused.printed).toContain("Verify it instead");
    expect(refused.code).toBe(2);
    expect((await cli("verify", "nonsense")).code).toBe(2);
  });
});

describe("a run reproduced on another worker", () => {
  it("is trained by that one alone, and says how it did", async () => {
    const source = runOf("det");
    await expect(api.call(`/runs/${source.id}/verify`, { worker: "other" })).rejects.toThrow(
      /No other worker is connected: one trained this run/,
    );

    const folder = mkdtempSync(join(tmpdir(), "reprise-second-worker-"));
    const second = reprise(["worker"], {
      DATABASE_URL: databaseUrl,
      REDIS_URL: "",
      REPRISE_DATA_DIR: folder,
      REPRISE_WORKER_NAME: "two",
    });
    const exited = once(second.process, "exit");
    try {
      const list = () => api.call<VerificationList>(`/runs/${source.id}/verifications`);
      await expect
        .poll(async () => (await list()).elsewhere, { timeout: 60_000, interval: 200 })
        .toEqual({ workers: ["two"], refusal: null });
      const there = await cli("verify", source.id, "--worker", "other");
      expect(there.printed).toMatch(/verdict\s+bit-identical/);
      const [latest] = (await list()).items;
      expect(latest).toMatchObject({ worker: { rule: "not", name: "one" } });
      expect((await api.run(latest?.replicaRunId ?? "")).workerName).toBe("two");
      // It came by no queue, and from a program that is bundled.
      const { attempt, way, parts } = await traceOf({ id: latest?.replicaRunId ?? "" });
      expect(way.map(({ name }) => name)).toEqual(["POST /api/v1/runs/:id/verify"]);
      expect(attempt).toMatchObject({ kind: 1, attributes: { "reprise.worker.name": "two" } });
      expect(parts).toEqual(["claim", "trainer tfjs", "write end"]);
      // The other way round a worker is named; both run side by side.
      const named = await Promise.all(
        ["one", "two"].map((worker) => api.call<Verification>(`/runs/${source.id}/verify`, { worker })),
      );
      const ended = await Promise.all(named.map(untilEnded));
      expect(ended.map(({ verdict }) => verdict)).toEqual(["bit-identical", "bit-identical"]);
      const replicas = await Promise.all(ended.map(({ replicaRunId }) => api.run(replicaRunId)));
      expect(replicas.map(({ workerName }) => workerName)).toEqual(["one", "two"]);
    } finally {
      second.process.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("an evaluation of runs that kept their weights", () => {
  const evaluation = (sourceRuns: string[], change: object = {}) => ({
    ...{ name: "evaluated", task: "evaluation", dataset: "wdbc", seeds: [0] },
    search: { method: "grid", parameters: { sourceRun: sourceRuns } },
    modes: { deterministic: { repeats: 2 } },
    ...change,
  });

  it("repeats to the bit, and predicts what training predicted: all spread between runs is training's", async () => {
    const sources = runs.filter(({ params }) => params.batchNorm === true);
    const created = await api.createSweep(evaluation(sources.map(({ id }) => id)));
    expect(await sweepUntil(api, url, created.id)).toMatchObject({ status: "succeeded", totalRuns: 4 });
    const evaluated = (await api.runs(created.id)).map((item) => runSchema.parse(item));
    for (const source of sources) {
      const own = evaluated.filter(({ params }) => params.sourceRun === source.id);
      expect(own).toHaveLength(2);
      const rungs = (await ladderOf(source.id)).rungs;
      for (const run of own) {
        expect(run.digest).toBe(rungs.find(({ kind }) => kind === "predictions")?.digest);
        expect(run.effectiveParams).toMatchObject({ ...source.params, sourceRun: source.id });
        expect(run.summary.testAccuracy?.selected).toBe(source.summary.testAccuracy?.selected);
        expect(run.disclosures.join(" ")).toMatch(/Inference on wasm is deterministic/);
        const kept = (await ladderOf(run.id)).rungs.filter(({ kind }) => kind === "finalWeights");
        expect(kept).toMatchObject([{ kind: "finalWeights", position: 0, digest: source.digest }]);
      }
    }
    const [first] = evaluated;
    if (!first) throw new Error("no run");
    expect(await untilEnded(await ask(first, "verify"))).toMatchObject({ verdict: "bit-identical" });
  });

  it("is refused where there is nothing to evaluate, other data, or an order to be left free", async () => {
    const [source] = runs;
    const refusals: [object, RegExp][] = [
      [evaluation(["00000000-0000-4000-8000-000000000000"]), /There is no run/],
      [evaluation(["nonsense"]), /not the id of a run/],
      [evaluation([source?.id ?? ""], { dataset: "digits" }), /trained on another data set or split/],
      [evaluation([source?.id ?? ""], { modes: { nondeterministic: { repeats: 2 } } }), /sums no gradients/],
      [evaluation([source?.id ?? ""], { base: { epochs: 3 } }), /task is evaluation/],
    ];
    for (const [spec, reason] of refusals) {
      const answer = await fetch(`${url}/api/v1/sweeps`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(spec),
      });
      expect(answer.status).toBe(422);
      expect(await answer.text()).toMatch(reason);
    }
  });
});
