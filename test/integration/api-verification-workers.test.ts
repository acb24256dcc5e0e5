import { randomUUID } from "node:crypto";
import { pageOf, run, verification, verificationList } from "@reprise/contracts";
import {
  finishAttempt,
  registerWorker,
  requirementsOf,
  reservedRuns,
  setWorkerStatus,
  takeDispatchable,
} from "@reprise/database";
import { describe, expect, it, onTestFinished } from "vitest";
import { trainer } from "../support/trainer-fixture.js";
import { announceWorker, claim, problemOf, smallStudy, type TestWorker } from "./api-harness.js";
import { ladder, verificationsOfFile } from "./verification-fixtures.js";

const { api, worker, train, settle, read } = await verificationsOfFile();

describe("a verification on another worker", () => {
  const verify = (runId: string, body?: object) => api.call("POST", `/runs/${runId}/verify`, { body });
  const asked = async (runId: string, body: object) => {
    const answer = await verify(runId, body);
    expect(answer.status, answer.text).toBe(202);
    return verification.parse(answer.json);
  };
  const trained = async () => {
    const { id } = await api.createSweep({ ...smallStudy, modes: { deterministic: { repeats: 1 } } });
    const [first] = (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items;
    await train(first?.id ?? "", ladder);
    return first?.id ?? "";
  };

  it("keeps what the worker that is named has of the run's requirements, and says what it lacks", async () => {
    const source = await trained();
    const gpus = ["NVIDIA GeForce RTX 3090", "NVIDIA H100"].map((name, index) => ({
      ...{ kind: "gpu" as const, name, index },
    }));
    const lab = { id: randomUUID(), name: "lab" };
    const rest = { host: "lab", pid: 1, leftOut: [], capabilities: [trainer] };
    await registerWorker(api.db, { ...lab, ...rest, devices: gpus, labels: { site: "zurich" } });
    const required = async (requires: Record<string, string>) => {
      await api.db.prisma.run.update({ where: { id: source }, data: { requires } });
      return asked(source, { worker: "lab" });
    };
    const whole = await required({ gpu: "H100", site: "zurich" });
    expect(await requirementsOf(api.db, whole.replicaRunId)).toEqual({ gpu: "H100", site: "zurich" });
    const part = await required({ gpu: "H100", site: "basel" });
    expect(await requirementsOf(api.db, part.replicaRunId)).toEqual({ gpu: "H100" });
    const ref = await claim(api, lab, part.replicaRunId);
    const error = { kind: "user" as const, message: "It ran out of memory", hint: null };
    await finishAttempt(api.db, ref, { status: "failed", error });
    await settle();
    expect((await read(part.id)).explanation).toBe(
      "The run could not be trained again: It ran out of memory. The worker that was named does not meet all that the run requires together; left out: site: basel.",
    );
    await setWorkerStatus(api.db, lab.id, "gone", "for a test");
  });

  it("is refused in words while there is none, and only that worker may claim it", async () => {
    const source = await trained();
    const refused = problemOf(await verify(source, { worker: "other" }), 409, "conflict");
    expect(refused.detail).toMatch(
      /^No other worker is connected: test-worker trained this run.+`reprise worker`/,
    );
    const { elsewhere } = await api.get(`/runs/${source}/verifications`, verificationList);
    expect(elsewhere).toEqual({ workers: [], refusal: refused.detail });

    const second = await announceWorker(api, "second");
    const third = await announceWorker(api, "third");
    expect((await api.get(`/runs/${source}/verifications`, verificationList)).elsewhere).toEqual({
      workers: ["second", "third"],
      refusal: null,
    });
    const unknown = problemOf(await verify(source, { worker: "secnd" }), 409, "conflict");
    expect(unknown.detail).toMatch(/^There is no worker secnd\. Connected: .*second, .*third\./);
    expect(unknown.errors).toMatchObject([{ path: "worker", suggestion: expect.stringContaining("second") }]);

    const other = await asked(source, { worker: "other" });
    expect(other.worker).toEqual({ rule: "not", name: "test-worker" });
    const named = await asked(source, { worker: "third" });
    const byId = await asked(source, { worker: second.id });
    // No queue gets them: a worker that must not train one would give it back for ever.
    const handedOut = await takeDispatchable(api.db, { limitPerQueue: 100 });
    const reservedIds = [other, named, byId].map(({ replicaRunId }) => replicaRunId);
    expect(handedOut.filter(({ runId }) => reservedIds.includes(runId))).toEqual([]);
    const reserved = async (worker: TestWorker) =>
      (await reservedRuns(api.db, { ...worker, trainers: ["tfjs"] })).map(({ runId }) => runId);
    expect(await reserved(worker)).toEqual([]);
    expect(await reserved(second)).toEqual([other.replicaRunId, byId.replicaRunId]);
    expect(await reserved(third)).toEqual([other.replicaRunId, named.replicaRunId]);
    for (const { replicaRunId } of [other, named, byId])
      await expect(claim(api, worker, replicaRunId)).rejects.toThrow("other-worker");
    await expect(claim(api, second, named.replicaRunId)).rejects.toThrow("other-worker");
    const onThird = await claim(api, third, named.replicaRunId);
    await claim(api, second, byId.replicaRunId);
    const taken = await Promise.allSettled(
      [second, third].map((each) => claim(api, each, other.replicaRunId)),
    );
    expect(taken.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await reserved(second)).toEqual([]);

    // One that lost its worker is for the same workers again, and they are told so: no queue tells them.
    const told: string[] = [];
    onTestFinished(api.context.live.onControl(({ type }) => told.push(type)));
    const lost = { kind: "infrastructure" as const, message: "Its machine was switched off.", hint: null };
    await finishAttempt(api.db, onThird, { status: "failed", error: lost });
    expect(await reserved(third)).toEqual([named.replicaRunId]);
    await expect.poll(() => told).toEqual(["reserved-work"]);
    await claim(api, third, named.replicaRunId, 2);

    await setWorkerStatus(api.db, third.id, "draining", "for a test");
    expect(problemOf(await verify(source, { worker: "third" }), 409, "conflict").detail).toMatch(
      /^Worker third is draining/,
    );
  });
});
