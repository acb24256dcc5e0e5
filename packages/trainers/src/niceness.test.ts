import { existsSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { onTestFinished, test } from "vitest";
import { killGroup } from "./process-group.js";
import { startTrainer } from "./spare-trainers.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

test.skipIf(process.platform === "win32").for([0, 5])(
  "a trainer of niceness %i",
  async (niceness, { expect }) => {
    const child = startTrainer({
      command: process.execPath,
      args: ["-e", "process.stdin.resume()"],
      environment: scrubbedEnvironment(process.env),
      workingDirectory: undefined,
      niceness,
    });
    onTestFinished(() => killGroup(child));
    const pid = child.pid ?? 0;
    const wanted = getPriority() + niceness;
    expect(getPriority(pid)).toBe(wanted);
    const group = `/proc/${pid}/autogroup`;
    if (niceness > 0 && existsSync(group)) {
      const told = () => readFileSync(group, "utf8");
      await expect.poll(told, { timeout: 10_000 }).toMatch(new RegExp(`nice ${wanted}\\n`));
    }
  },
);
