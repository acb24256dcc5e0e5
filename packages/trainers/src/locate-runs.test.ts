import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { locateRuns } from "./locate-runs.js";
import { isAlive } from "./test-support/is-alive.js";
import { trainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

const python = process.env.REPRISE_PYTHON ?? "python3";
const isMissing = spawnSync(python, ["--version"], { stdio: "ignore" }).status !== 0;

/** Has a program of this text traced. It does not import PyTorch, so that nothing comes of it. */
async function located(program: string) {
  const folder = await mkdtemp(join(tmpdir(), "reprise-locate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "train.py");
  await writeFile(script, program);
  const side = { request: sampleRequest(), environment: scrubbedEnvironment(process.env), checkpoint: null };
  const outcome = await locateRuns({
    trainer: trainerCommand.parse({ name: "t", command: `"${python}" "${script}" {seed} "${folder}"` }),
    ...{ sides: [side, side], before: 0, tries: 1, temporary: folder, onProgress: () => {} },
    ...{ niceness: 0, signal: new AbortController().signal },
  });
  return { outcome, folder };
}

describe.skipIf(isMissing)("programs that are traced are guests", () => {
  test.runIf(process.platform === "linux")(
    "what has gone to a session of its own ends with them",
    async () => {
      const { outcome, folder } = await located(
        `import os, subprocess, sys
left = subprocess.Popen(["sleep", "300"], start_new_session=True, stdout=subprocess.DEVNULL)
open(os.path.join(sys.argv[2], "left"), "a").write(f"{left.pid} ")
`,
      );
      expect(outcome).toMatchObject({
        status: "failed",
        explanation: expect.stringContaining("does not import PyTorch"),
      });
      const left = (await readFile(join(folder, "left"), "utf8")).trim().split(" ").map(Number);
      expect(left).toHaveLength(2);
      for (const pid of left) {
        expect(pid).toBeGreaterThan(1);
        expect(isAlive(pid)).toBe(false);
      }
    },
  );

  test.each([
    ["the program that traces", "os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"],
    ["one that is traced", "os.kill(os.getpid(), signal.SIGTERM)"],
    ["one that is traced and handles it", "sys.exit(143)"],
    ["one that is traced, from a terminal", "raise KeyboardInterrupt"],
  ])("where %s hears first that all is to end, that is said", async (_, end) => {
    const { outcome } = await located(`import os, signal, sys, time\n${end}\n`);
    expect(outcome).toMatchObject({ status: "failed", asIfStopped: true });
  });

  test("any other end is none of a stop", async () => {
    const { outcome } = await located("import sys\nsys.exit(3)\n");
    expect(outcome).toEqual({ status: "failed", explanation: expect.stringContaining("exit code 3") });
  });
});
