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
