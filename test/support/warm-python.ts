import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { python } from "./python.js";

const tests = fileURLToPath(new URL("../../packages/python/tests", import.meta.url));

const program = `
import sys
sys.path.insert(0, sys.argv[1])
from warm import Warm
warm = Warm(sys.argv[2])
print(warm.executable, flush=True)
sys.stdin.read()
warm.close()
`;

/**
 * An interpreter of Python whose processes find PyTorch imported already: they are forked from one that has imported it
 * (`packages/python/tests/warm.py` says what else is otherwise). `path` stands for `python`; `close` ends it.
 */
export async function warmPython(): Promise<{ path: string; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-warm-"));
  const child = spawn(python, ["-c", program, tests, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const [path] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    path,
    async close() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
