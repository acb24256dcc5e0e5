import { z } from "zod";

export const testCounts = z.strictObject({
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
  /** File and name of each failed test: said once more at the end of a run, where they are looked for. */
  failures: z.array(z.string()),
});
export type TestCounts = z.infer<typeof testCounts>;

/** Names the file that a run of vitest leaves its counts in. */
export const countsFile = "REPRISE_TEST_COUNTS";

export const addCounts = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  failures: [...a.failures, ...b.failures],
});

export const countsLine = ({ passed, failed, skipped }: TestCounts) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
