import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";
import { python, pythonPackage, torchMissing } from "../support/python.js";

/** What may be skipped where everything is installed: what neither a library nor a program can bring. */
const allowed = ["this user may not mount a small disk, to fill it", "this PyTorch has one name alone"];

const tests = fileURLToPath(new URL("../../packages/python/tests", import.meta.url));

it("the Python package passes its own tests", async ({ skip }) => {
  const missing = torchMissing();
  if (missing) skip(missing);
  const words = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", tests];
  const { exitCode, all } = await execa(python, words, {
    // One thread each, where a test asks for no more: small tensors gain nothing by two, and lose much on a busy machine.
    env: { PYTHONPATH: pythonPackage, PYTHONDONTWRITEBYTECODE: "1", OMP_NUM_THREADS: "1" },
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
  const lines = all?.trim().split("\n") ?? [];
  const skipped = lines.filter((line) => line.startsWith("SKIPPED"));
  for (const line of [...skipped, lines.at(-1)]) console.log(`pytest: ${line}`);
  if (process.env.REPRISE_TORCH === "required")
    expect(skipped.filter((line) => !allowed.some((reason) => line.endsWith(`: ${reason}`)))).toEqual([]);
}, 1_500_000);
