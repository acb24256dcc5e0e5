import type { RunCounts, SweepStatus } from "@reprise/contracts";
import { expect, test } from "vitest";
import { deriveSweepStatus, noRuns } from "./sweep-status.js";

const derive = (
  counts: Partial<RunCounts>,
  asked: { paused?: boolean; cancelRequested?: boolean; started?: boolean; looksAgain?: boolean } = {},
) =>
  deriveSweepStatus({
    counts: { ...noRuns, ...counts },
    paused: asked.paused ?? false,
    cancelRequested: asked.cancelRequested ?? false,
    started: asked.started ?? false,
    looksAgain: asked.looksAgain ?? false,
  });

const cases: Array<[string, SweepStatus, Parameters<typeof derive>]> = [
  ["nothing has started", "queued", [{ queued: 3 }]],
  ["no run has been logged or asked for yet", "queued", [{}]],
  ["cancelled before a run came", "cancelled", [{}, { cancelRequested: true }]],
  ["a run is running", "running", [{ queued: 2, running: 1 }]],
  ["between two runs", "running", [{ queued: 2, succeeded: 1 }, { started: true }]],
  ["all succeeded", "succeeded", [{ succeeded: 3 }]],
  ["one failed, all ended", "failed", [{ succeeded: 2, failed: 1 }]],
  ["one failed, others go on", "running", [{ running: 2, failed: 1 }]],
  ["paused before the start", "paused", [{ queued: 3 }, { paused: true }]],
  ["paused, one still finishes", "paused", [{ queued: 2, running: 1 }, { paused: true }]],
  ["paused with nothing to hold", "running", [{ running: 1, succeeded: 2 }, { paused: true }]],
  ["paused, but everything has ended", "succeeded", [{ succeeded: 3 }, { paused: true }]],
  [
    "cancelled, the last is being stopped",
    "running",
    [{ running: 1, cancelled: 2 }, { cancelRequested: true }],
  ],
  ["cancelled", "cancelled", [{ cancelled: 2, succeeded: 1 }, { cancelRequested: true }]],
  ["cancelled, one had failed", "cancelled", [{ cancelled: 2, failed: 1 }, { cancelRequested: true }]],
  ["cancelled too late: the last run succeeded", "succeeded", [{ succeeded: 3 }, { cancelRequested: true }]],
  [
    "between two looks of a sequential study",
    "running",
    [{ succeeded: 3 }, { started: true, looksAgain: true }],
  ],
  [
    "a sequential study cancelled between two looks",
    "succeeded",
    [{ succeeded: 3 }, { started: true, looksAgain: true, cancelRequested: true }],
  ],
  ["one run cancelled by itself", "cancelled", [{ cancelled: 1, succeeded: 2 }]],
  ["one run cancelled by itself, one failed", "failed", [{ cancelled: 1, failed: 1, succeeded: 1 }]],
];

test.each(cases)("%s: %s", (_, status, given) => {
  expect(derive(...given)).toBe(status);
});
