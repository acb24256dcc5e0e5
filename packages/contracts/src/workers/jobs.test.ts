import { expect, it } from "vitest";
import { jobs } from "./jobs.js";

it("a job of a later release is read as far as it is known", () => {
  const job = { runId: "01a22eed-2b46-72c9-b0ae-97069472cb68", attempt: 1 };
  expect(jobs["train-run"].payload.parse({ ...job, later: { x: 1 } })).toEqual(job);
  expect(jobs["train-run"].payload.safeParse({ ...job, attempt: 0 }).success).toBe(false);
});
