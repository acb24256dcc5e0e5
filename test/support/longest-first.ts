import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, longest first (seconds on two busy cores, 2026-11-30): whoever begins last should be short.
 * A file that is not named here runs after these; `npx pnpm test` prints the time of every file.
 */
const longest = [
  "test/contract/python-package.test.ts", // 600
  "test/integration/python-launch.test.ts", // 333
  "test/integration/notebook.test.ts", // 303
  "test/faults/campaign.test.ts", // 300
  "test/contract/trainer.test.ts", // 245
  "test/e2e/accessibility.test.ts", // 230
  "test/integration/localizations.test.ts", // 226
  "test/integration/verification.test.ts", // 186
  "test/e2e/locate.test.ts", // 182
  "test/truth/truth.test.ts", // 176
  "test/integration/command-line.test.ts", // 167
  "test/integration/dev.test.ts", // 162
  "test/contract/torch-classification.test.ts", // 131
  "test/faults/killed-processes.test.ts", // 130
  "test/e2e/watch.test.ts", // 124
  "test/integration/database-embedded.test.ts", // 105
  "test/e2e/evidence.test.ts", // 91
  "packages/tfjs-trainer/src/loop/resume.test.ts", // 87
  "test/integration/api-crates.test.ts", // 86
  "test/contract/queue.test.ts", // 77
  "test/e2e/launch.test.ts", // 75
  "packages/tfjs-trainer/src/tasks/contrastive/contrastive.test.ts", // 67
  "test/integration/command-line-server.test.ts", // 66
  "test/integration/database-indexes.test.ts", // 61
  "packages/tfjs-trainer/src/arithmetic/backends/backends.test.ts", // 58
  "test/integration/server-mode.test.ts", // 58
  "test/e2e/templates.test.ts", // 57
  "test/integration/python-logged-runs.test.ts", // 48
  "test/integration/api-compute.test.ts", // 47
  "packages/trainers/src/energy/energy.test.ts", // 46
  "test/integration/worker.test.ts", // 45
  "test/e2e/study.test.ts", // 43
  "test/integration/image-text-study.test.ts", // 43
  "test/e2e/shell.test.ts", // 43
  "test/integration/worker-templates.test.ts", // 40
  "packages/tfjs-trainer/src/data/own-data.test.ts", // 39
  "packages/tfjs-trainer/src/tasks/contrastive/own-pairs.test.ts", // 38
  "test/integration/worker-process.test.ts", // 36
  "test/e2e/sign-in.test.ts", // 35
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
