import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Loaded before vitest: the machine then seems to have eight cores. */
const eightCores = `
  import os from "node:os";
  import { syncBuiltinESMExports } from "node:module";
  os.availableParallelism = () => 8;
  syncBuiltinESMExports();`;

it("the tests start whatever the number of cores: projects that run together take equally many workers", async () => {
  const files = ["packages/study/src/design/sobol.test.ts", "test/architecture.test.ts"];
  const { stdout } = await execa(process.execPath, ["node_modules/vitest/vitest.mjs", "list", ...files], {
    cwd: root,
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(eightCores)}` },
  });
  for (const file of files) expect(stdout).toContain(file);
});
