import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainerCapabilities } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { DescribeError, describeTrainer } from "./describe-trainer.js";
import { isAlive } from "./test-support/is-alive.js";
import { trainerCommand } from "./trainer-command.js";

const capabilities: TrainerCapabilities = {
  name: "own-name",
  version: "1.0",
  description: "",
  tasks: ["classification"],
  backends: ["cpu"],
  backendProbes: [],
  deviceClass: "cpu",
  summationOrders: ["fixed"],
  hyperparameters: {},
  metrics: [],
  datasets: [],
  replay: false,
  resume: false,
  nondeterminismSource: null,
};

const script = (body: string) =>
  trainerCommand.parse({ name: "probe", command: process.execPath, args: ["-e", body, "--"] });

describe("describeTrainer", () => {
  test("asks the program with --describe and announces it under its registered name", async () => {
    const body = `console.log(process.argv.includes("--describe") ? ${JSON.stringify(JSON.stringify(capabilities))} : "")`;
    await expect(describeTrainer(script(body))).resolves.toEqual({ ...capabilities, name: "probe" });
  });

  test.runIf(process.platform === "linux").each([
    ["holds its output", "", true],
    ["has no environment besides", "env: {},", false],
  ])("what it has left in a session of its own, and %s, holds nobody", async (_, more, isFound) => {
    const body = `
      const { spawn } = require("node:child_process");
      const left = spawn("/bin/sleep", ["30"], { ${more} detached: true, stdio: "inherit" });
      console.log(JSON.stringify({ ...${JSON.stringify(capabilities)}, description: String(left.pid) }));
      process.exit(0);`;
    const described = await describeTrainer({ ...script(body), describeSeconds: 20 });
    const left = Number(described.description);
    expect(left).toBeGreaterThan(1);
    if (isFound) await expect.poll(() => isAlive(left), { timeout: 10_000 }).toBe(false);
    // Without a control group it is not found.
    else if (isAlive(left)) process.kill(left, "SIGKILL");
  });

  test("takes capabilities from a file without starting the program", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "reprise-")), "capabilities.json");
    await writeFile(file, JSON.stringify(capabilities));
    const command = trainerCommand.parse({ name: "filed", command: "/nonexistent", capabilities: file });
    await expect(describeTrainer(command)).resolves.toMatchObject({ name: "filed", version: "1.0" });
  });

  test.each([
    ["no JSON", `console.log("usage: train.py")`, /no JSON on stdout .*: usage: train.py/],
    ["another shape", `console.log("{}")`, /described itself wrongly[\s\S]*backends/],
    ["an exit code", `console.error("ImportError: torch"); process.exit(2)`, /exit code 2[\s\S]*ImportError/],
    ["silence", `setInterval(() => {}, 1000)`, /longer than 1 s/, 1],
  ])("%s is explained", async (_, body, message, describeSeconds = 20) => {
    const failure = await describeTrainer({ ...script(body), describeSeconds }).catch((error) => error);
    expect(failure).toBeInstanceOf(DescribeError);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain("Trainer probe");
  });

  test("a template of no Python program has its placeholders, and must be there", async () => {
    const shell = trainerCommand.parse({
      name: "shell",
      command: "sh train.sh {epochs} --lr {lr} --seed {seed}",
    });
    await expect(describeTrainer(shell)).resolves.toMatchObject({
      name: "shell",
      hyperparameters: { epochs: { type: "any", required: true }, lr: { type: "any" } },
      datasets: [],
      metrics: [],
    });
    const absent = trainerCommand.parse({ name: "absent", command: "no-such-program {lr}" });
    await expect(describeTrainer(absent)).rejects.toThrow(
      "cannot be started: there is no program no-such-program",
    );
  });

  test("a missing program is explained", async () => {
    const command = trainerCommand.parse({ name: "missing", command: "/nonexistent/python" });
    await expect(describeTrainer(command)).rejects.toThrow(/ENOENT/);
    const line = trainerCommand.parse({ name: "line", command: "python train.py" });
    await expect(describeTrainer(line)).rejects.toThrow(/its other words under args/);
  });
});
