import { expect, test } from "vitest";
import { bullPriority } from "./run-queues.js";

test("our higher-is-sooner becomes BullMQ's lower-is-sooner, within its limits", () => {
  expect([1000, 1, 0, -1000].map(bullPriority)).toEqual([0, 999, 1000, 2000]);
  expect([5000, -5000].map(bullPriority)).toEqual([0, 2000]);
});
