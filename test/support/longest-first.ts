import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, longest first (seconds on two cores, 2026-11-29): whoever begins last should be short.
 * A file that is not named here runs after these; `npx pnpm test` prints the time of every file.
 */
const longest = [
  "test/e2e/accessibility.test.ts", // 120
  "test/faults/killed-processes.test.ts", // 60
  "test/contract/queue.test.ts", // 53
  "test/integration/verification.test.ts", // 46
  "test/integration/database-embedded.test.ts", // 42
  "test/integration/notebook.test.ts", // 40
  "test/integration/command-line.test.ts", // 37
  "test/e2e/evidence.test.ts", // 37
  "test/e2e/launch.test.ts", // 30
  "test/integration/command-line-server.test.ts", // 21
  "test/integration/dev.test.ts", // 20
  "test/integration/api-crates.test.ts", // 15
  "test/contract/trainer.test.ts", // 15
  "test/integration/database-indexes.test.ts", // 15
  "test/integration/worker-control.test.ts", // 14
  "test/integration/image-text-study.test.ts", // 13
  "test/integration/worker-process.test.ts", // 11
];

const rank = ({ moduleId }: TestSpecification) => {
  const place = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place < 0 ? longest.length : place;
};

/** Files in the order in which they should begin: those known to take long, then the larger ones. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    return bySize.toSorted((a, b) => rank(a) - rank(b));
  }
}
