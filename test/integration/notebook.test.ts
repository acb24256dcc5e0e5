import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataFolder, type RunningReprise, startReprise } from "../support/start-reprise.js";

const run = promisify(execFile);
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The README's block in that language which is marked as executed here. */
function block(language: string): string {
  const found = new RegExp(
    `<!-- executed by test/integration/notebook.test.ts -->\n\`\`\`${language}\n([\\s\\S]*?)\`\`\``,
  ).exec(readme)?.[1];
  if (!found) throw new Error(`the README has no executed block in ${language}`);
  return found;
}

const python = spawnSync("python3", ["--version"]).status === 0;

describe("the README's notebook lines", () => {
  const data = dataFolder();
  const scratch = mkdtempSync(join(tmpdir(), "reprise-notebook-"));
  let server: RunningReprise;
  beforeAll(async () => {
    server = await startReprise(["--data", data.path, "--demo", "none", "--port", "4710"]);
  });
  afterAll(async () => {
    await server?.stop();
    data.remove();
    rmSync(scratch, { recursive: true });
  });

  async function execute(program: string, file: string, code: string): Promise<string> {
    const path = join(scratch, file);
    writeFileSync(path, code);
    const { stdout } = await run(program, [path], {
      env: { ...process.env, REPRISE_URL: server.url },
      timeout: 100_000,
    });
    return stdout;
  }

  it("launch, wait, tabulate and read a history in JavaScript", async () => {
    const printed = await execute(process.execPath, "notebook.mjs", block("js"));
    expect(printed.match(/'det'/g)).toHaveLength(2);
    expect(printed.match(/'free'/g)).toHaveLength(2);
    const digests = [...printed.matchAll(/'det' +│ +'([0-9a-f]{64})'/g)].map((match) => match[1]);
    expect(digests).toHaveLength(2);
    expect(new Set(digests).size).toBe(1);
    expect(printed).toMatch(/\[\s*(0\.\d+,?\s*){5}\]/);
  });

  it("do the same in Python", async ({ skip }) => {
    if (!python) skip("python3 is not on the PATH (Debian: apt-get install python3)");
    const printed = await execute("python3", "notebook.py", block("python"));
    expect(printed.match(/'arm': 'det'/g)).toHaveLength(2);
    expect(printed).toMatch(/\(5, 0\.\d+\)\]/);
  });
});
