import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.js";

/**
 * Files of a process share loaded modules (`isolate: false`): nothing here keeps state at module level, and loading the
 * server anew for every file took longer than its tests.
 *
 * Most system tests wait for processes, leases and sockets: one file more than there are cores keeps these busy. More
 * than five would only take the cores from the trainers that the tests start.
 */
const maxWorkers = Math.min(5, availableParallelism() + 1);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["{apps,packages}/*/src/**/*.test.{ts,tsx}"],
          testTimeout: 60_000,
          maxWorkers,
          isolate: false,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          globalSetup: ["test/support/program.ts", "test/support/postgres.ts"],
          // For what hangs: on a slow machine a test that starts PyTorch several times takes three minutes beside others.
          testTimeout: 360_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers,
          isolate: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/program.ts", "test/support/e2e-server.ts"],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          // The files share a server, a browser and a worker that trains one run at a time.
          maxWorkers: 2,
          // A page that fetches anew after an event may take longer than the second that is usual.
          expect: { poll: { timeout: 30_000, interval: 100 } },
          sequence: { groupOrder: 1 },
          isolate: false,
        },
      },
    ],
  },
});
