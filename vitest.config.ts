import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["{apps,packages}/*/src/**/*.test.{ts,tsx}"], testTimeout: 30_000 } },
      {
        test: {
          name: "system",
          include: ["test/**/*.test.ts"],
          globalSetup: ["test/support/postgres.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
