import { pageOf, run, stripList, sweep } from "@reprise/contracts";
import { finishAttempt, takeDispatchable } from "@reprise/database";
import { describe, expect, it } from "vitest";
import { claim, problemOf } from "./api-harness.js";
import { ladder, verificationsOfFile } from "./verification-fixtures.js";

const { api, worker, train, study, ask, settle, read } = await verificationsOfFile();

describe("a replica", () => {
  const dispatched = async () =>
    (await takeDispatchable(api.db, { limitPerQueue: 10_000 })).map(({ runId, priority }) => ({
      runId,
      priority,
    }));

  it("is no run of the study: not in counts, status, strip, listing or analyses", async () => {
    const { id, det, free } = await study();
    await train(det, ladder);
    await train(free, ladder);
    const views = async () => ({
      sweep: await api.get(`/sweeps/${id}`, sweep),
      strip: await api.get(`/sweeps/${id}/strip`, stripList),
      runs: (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items.map((item) => item.id),
      determinism: (await api.call("GET", `/sweeps/${id}/analyses/determinism`)).json,
      runtime: (await api.call("GET", `/sweeps/${id}/analyses/runtime`)).json,
    });
    const before = await views();
    expect(before.sweep).toMatchObject({ status: "succeeded", totalRuns: 2 });
    const { replicaRunId } = await ask(det, "verify");
    expect(await views()).toEqual(before);
    const ref = await claim(api, worker, replicaRunId);
    expect(await views()).toEqual(before);
    const error = { kind: "user", message: "Broken.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error });
    expect(await views()).toEqual(before);
    const { items } = await api.get(`/runs?sweepId=${id}&purpose=verification`, pageOf(run));
    expect(items.map((item) => item.id)).toEqual([replicaRunId]);

    // Retrying and extending the sweep do not touch it either.
    problemOf(await api.call("POST", `/sweeps/${id}/retry-failed`), 409, "conflict");
    const extended = await api.call("POST", `/sweeps/${id}/extend`, { body: { repeats: { det: 1 } } });
    expect(sweep.parse(extended.json).totalRuns).toBe(3);
  });

  it("starts although its sweep is paused, capped or cancelled, ahead of other runs", async () => {
    await dispatched();
    const { id, det } = await study({ maxParallelRuns: 1, priority: 5 });
    const [handed] = await dispatched();
    expect(handed?.priority).toBe(5);
    await train(det, ladder);
    await api.call("POST", `/sweeps/${id}/pause`);
    const paused = await ask(det, "verify");
    expect(await dispatched()).toEqual([{ runId: paused.replicaRunId, priority: 1000 }]);

    // It takes no place under the cap, and needs none.
    await api.call("POST", `/sweeps/${id}/resume`);
    expect((await dispatched()).map(({ priority }) => priority)).toEqual([5]);
    const beside = await ask(det, "verify");
    expect(await dispatched()).toEqual([{ runId: beside.replicaRunId, priority: 1000 }]);
    await train(paused.replicaRunId, ladder);

    // Cancelling the sweep leaves it alone, running or queued, and it can end as usual.
    const ref = await claim(api, worker, beside.replicaRunId);
    const waiting = await ask(det, "verify");
    expect((await api.call("POST", `/sweeps/${id}/cancel`)).status).toBe(200);
    expect(await api.get(`/sweeps/${id}`, sweep)).toMatchObject({
      status: "cancelled",
      runCounts: { succeeded: 1, cancelled: 1 },
    });
    const lost = { kind: "infrastructure", message: "The worker was lost.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error: lost });
    expect((await dispatched()).map(({ runId }) => runId)).toEqual(
      expect.arrayContaining([beside.replicaRunId, waiting.replicaRunId]),
    );
    await train(waiting.replicaRunId, ladder);
    await settle();
    expect((await read(waiting.id)).verdict).toBe("bit-identical");
  });
});
