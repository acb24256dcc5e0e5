import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, longest first (seconds on two busy cores, 2026-11-30): whoever begins last should be short.
 * A file that is not named here runs after these; `npx pnpm test` prints the time of every file.
 */
const longest = [
  "test/contract/python-package.test.ts", // 519
  "test/e2e/accessibility.test.ts", // 198
  "test/integration/notebook.test.ts", // 186
  "test/contract/trainer.test.ts", // 173
  "test/integration/python-launch.test.ts", // 166
  "test/faults/campaign.test.ts", // 148
  "test/e2e/locate.test.ts", // 88
  "test/integration/localizations.test.ts", // 83
  "test/e2e/launch.test.ts", // 79
  "test/truth/truth.test.ts", // 61
  "test/e2e/evidence.test.ts", // 58
  "test/contract/queue.test.ts", // 54
  "test/e2e/watch.test.ts", // 51
  "test/e2e/shell.test.ts", // 49
  "test/integration/verification.test.ts", // 49
  "test/e2e/templates.test.ts", // 35
  "test/contract/torch-classification.test.ts", // 34
  "packages/tfjs-trainer/src/loop/resume.test.ts", // 33
  "test/integration/dev.test.ts", // 33
  "test/integration/database-embedded.test.ts", // 33
  "test/faults/killed-processes.test.ts", // 33
  "packages/tfjs-trainer/src/tasks/contrastive/own-pairs.test.ts", // 32
  "test/integration/worker-templates.test.ts", // 26
  "test/e2e/study.test.ts", // 24
  "packages/tfjs-trainer/src/arithmetic/backends/backends.test.ts", // 24
  "test/integration/server-mode.test.ts", // 24
  "test/integration/python-logged-runs.test.ts", // 22
  "test/integration/worker-process.test.ts", // 21
  "packages/tfjs-trainer/src/data/own-data.test.ts", // 20
  "packages/tfjs-trainer/src/tasks/contrastive/contrastive.test.ts", // 20
  "test/integration/command-line.test.ts", // 18
  "packages/tfjs-trainer/src/loop/determinism.test.ts", // 18
  "test/faults/full-disk.test.ts", // 17
  "test/e2e/sign-in.test.ts", // 17
  "apps/worker/src/attempt/attempt-writer.test.ts", // 17
  "test/e2e/verification.test.ts", // 15
  "test/integration/worker.test.ts", // 15
  "test/e2e/claims.test.ts", // 14
  "test/integration/worker-spares.test.ts", // 14
  "test/integration/api-hostile-input.test.ts", // 13
];

const rank = ({ moduleId }: TestSpecification) => {
  const place = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place < 0 ? longest.length : place;
};

/**
 * The files of a project in the order in which they should begin: those known to take long, then the larger ones. Projects
 * follow one another: a process is given up, with all that it has loaded, when the next file is another project's.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    const projects = [...new Set(bySize.map(({ project }) => project.name))];
    const turn = ({ project }: TestSpecification) => projects.indexOf(project.name);
    return bySize.toSorted((a, b) => turn(a) - turn(b) || rank(a) - rank(b));
  }
}
