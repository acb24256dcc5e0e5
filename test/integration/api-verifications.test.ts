import { run, verificationList } from "@reprise/contracts";
import { cancelRun, finishAttempt, registerWorker } from "@reprise/database";
import { describe, expect, it, vi } from "vitest";
import { trainer } from "../support/trainer-fixture.js";
import { claim, problemOf, runDispatcher } from "./api-harness.js";
import { ladder, verificationsOfFile } from "./verification-fixtures.js";

const { api, worker, train, study, ask, settle, read } = await verificationsOfFile();

describe("a verification", () => {
  it("is queued, running and then ended with a verdict, and listed with its run", async () => {
    const { det } = await study();
    await train(det, ladder);
    const queued = await ask(det, "verify");
    expect(queued).toMatchObject({
      runId: det,
      kind: "verify",
      status: "queued",
      verdict: null,
      endedAt: null,
    });
    expect(await api.get(`/runs/${queued.replicaRunId}`, run.loose())).toMatchObject({
      purpose: "verification",
      sourceRunId: det,
      arm: "det",
      params: { epochs: 3, optimizer: "adam" },
    });
    await settle();
    expect((await read(queued.id)).status).toBe("queued");
    await train(queued.replicaRunId, ladder);
    expect((await read(queued.id)).status).toBe("running");

    await settle();
    const ended = await read(queued.id);
    expect(ended).toMatchObject({ status: "ended", verdict: "bit-identical", suspects: [] });
    expect(ended.explanation).toContain("All 4 digests");
    // Settling again finds nothing to do.
    await settle();
    expect(await read(queued.id)).toEqual(ended);
    const second = await ask(det, "verify");
    const { items } = await api.get(`/runs/${det}/verifications`, verificationList);
    expect(items.map(({ id }) => id)).toEqual([second.id, queued.id]);
  });

  it("is settled by the dispatcher, once, with the first rung that differs and the plan's margin", async () => {
    const { det, free } = await study({
      analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } },
    });
    await train(det, ladder);
    await train(free, ladder);
    const near = await ask(det, "verify");
    const far = await ask(free, "replay");
    const other = ladder.map(([kind, position, text]): (typeof ladder)[number] => [
      kind,
      position,
      kind === "step" && position === 1 ? "other" : text,
    ]);
    await train(near.replicaRunId, other, { accuracy: 0.905 });
    await train(far.replicaRunId, other, { accuracy: 0.8 });
    runDispatcher(api);
    runDispatcher(api);
    await vi.waitFor(async () => expect((await read(far.id)).status).toBe("ended"), { timeout: 30_000 });
    const firstDivergence = { kind: "step", position: 1 };
    expect(await read(near.id)).toMatchObject({ verdict: "within-tolerance", firstDivergence });
    expect(await read(far.id)).toMatchObject({ verdict: "different", firstDivergence });
    expect((await read(far.id)).explanation).toContain("Spread unknown: 1 repeat");
  });

  it("has failed when its replica fails or is cancelled", async () => {
    const { det } = await study();
    await train(det, ladder);
    const failing = await ask(det, "verify");
    const ref = await claim(api, worker, failing.replicaRunId);
    const error = { kind: "user", message: "The data set has gone.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error });
    const cancelled = await ask(det, "verify");
    await cancelRun(api.db, cancelled.replicaRunId);
    await settle();
    expect(await read(failing.id)).toMatchObject({
      status: "failed",
      verdict: null,
      explanation: "The run could not be trained again: The data set has gone.",
    });
    expect((await read(cancelled.id)).explanation).toContain("it was cancelled");
    const retried = await api.call("POST", `/runs/${failing.replicaRunId}/retry`);
    expect(problemOf(retried, 409, "conflict").detail).toContain("replica");
  });

  it("is refused where there is nothing to verify or replay", async () => {
    const { det, free } = await study();
    const refused = async (id: string, kind: string) =>
      problemOf(await api.call("POST", `/runs/${id}/${kind}`), 409, "conflict").detail;
    expect(await refused(det, "verify")).toMatch(/succeeded.*this one is queued/);
    await train(det, ladder);
    await train(free, ladder, { order: false });
    expect(await refused(det, "replay")).toMatch(/fixed order.*Verify it instead/);
    expect(await refused(free, "replay")).toMatch(/recorded no summation order.*Verify it instead/);
    const { replicaRunId } = await ask(det, "verify");
    expect(await refused(replicaRunId, "verify")).toContain(`replica, of run ${det}`);
    const unknown = "018f0000-0000-7000-8000-000000000001";
    problemOf(await api.call("POST", `/runs/${unknown}/verify`), 404, "not-found");
    problemOf(await api.call("GET", `/verifications/${unknown}`), 404, "not-found");
    problemOf(await api.call("GET", `/runs/${unknown}/verifications`), 404, "not-found");
  });

  it("is no replay where the trainer offers none", async () => {
    const plain = { ...trainer, name: "plain", replay: false };
    await registerWorker(api.db, {
      id: "018f0000-0000-7000-8000-0000000000bb",
      name: "plain",
      host: "localhost",
      pid: 1,
      devices: [{ kind: "cpu", name: "test", index: 0 }],
      leftOut: [],
      capabilities: [plain],
    });
    const { free } = await study({ trainer: "plain" });
    await train(free, ladder);
    const refused = await api.call("POST", `/runs/${free}/replay`);
    expect(problemOf(refused, 409, "conflict").detail).toContain("Trainer plain cannot replay");
    expect((await ask(free, "verify")).kind).toBe("verify");
  });

  it("is created once per idempotency key", async () => {
    const { det } = await study();
    await train(det, ladder);
    const headers = { "idempotency-key": "verify-once" };
    const [first, second] = [
      await api.call("POST", `/runs/${det}/verify`, { headers }),
      await api.call("POST", `/runs/${det}/verify`, { headers }),
    ];
    expect(second.json).toEqual(first.json);
    expect((await api.get(`/runs/${det}/verifications`, verificationList)).items).toHaveLength(1);
  });
});
