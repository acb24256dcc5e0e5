import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * Files of a process share loaded modules (`isolate: false`): nothing here keeps state at module level, and loading the
 * server anew for every file took longer than its tests.
 *
 * Most system tests wait for processes, leases and sockets, so two files at once also fit on one core. More than four
 * would only take the cores from the trainers that the tests start.
 */
const maxWorkers = Math.min(4, Math.max(2, availableParallelism()));

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{apps,packages}/*/src/**/*.test.{ts,tsx}"],
          testTimeout: 30_000,
          maxWorkers,
          isolate: false,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          globalSetup: ["test/support/postgres.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
          isolate: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/e2e-server.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          // One after the other, in one process: the files share a server and a browser.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          isolate: false,
        },
      },
    ],
  },
});
