import { z } from "zod";

export const testCounts = z.strictObject({ passed: z.int(), failed: z.int(), skipped: z.int() });
export type TestCounts = z.infer<typeof testCounts>;

/** Names the file that a run of vitest leaves its counts in. */
export const countsFile = "REPRISE_TEST_COUNTS";

export const addCounts = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const countsLine = ({ passed, failed, skipped }: TestCounts) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
