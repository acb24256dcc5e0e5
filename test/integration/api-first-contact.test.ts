import { sweep, sweepPreview } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiUnderTest, announceWorker, smallStudy, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

it("before any worker has registered, a sweep is accepted and says that nobody can run it", async () => {
  const preview = await api.call("POST", "/sweeps/preview", { body: smallStudy });
  expect(sweepPreview.parse(preview.json).warnings[0]).toMatch(/No worker/);

  const created = await api.createSweep(smallStudy);
  const waiting = await api.get(`/sweeps/${created.id}`, sweep);
  expect(waiting.status).toBe("queued");
  expect(waiting.blockedReason).toMatch(/no worker/);

  await announceWorker(api);
  expect((await api.get(`/sweeps/${created.id}`, sweep)).blockedReason).toBeNull();
});

it("a preview says what no ready worker has, and what none can ever have", async () => {
  const previewed = async (requires: Record<string, string>) => {
    const answer = await api.call("POST", "/sweeps/preview", {
      body: { ...smallStudy, resources: { requires } },
    });
    return sweepPreview.parse(answer.json);
  };
  const waiting = await previewed({ gpu: "H100" });
  expect(waiting.warnings[0]).toBe(
    "The runs would wait: no ready worker that offers trainer tfjs has gpu: H100.",
  );
  expect(waiting).toMatchObject({ errors: [], estimates: { slots: 0, workers: [] } });
  expect((await previewed({ memory: "much" })).errors).toEqual([
    { path: "resources.requires.memory", message: "is a size, such as 32 GiB", value: "much" },
  ]);
});
