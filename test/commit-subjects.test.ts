import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const hook = fileURLToPath(new URL("../.githooks/commit-msg", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reprise-commit-"));
afterAll(() => rmSync(folder, { recursive: true }));

function ask(message: string): { status: number | null; said: string } {
  const file = join(folder, "message");
  writeFileSync(file, message);
  const { status, stderr } = spawnSync("sh", [hook, file], { encoding: "utf8" });
  return { status, said: stderr };
}

const long = (length: number) => `queue: ${"x".repeat(length - "queue: ".length)}`;

describe("the hook for commit messages", () => {
  it.each([
    "queue: a job is delivered once",
    "database, api: logged runs are called so\n\nBecause they are.",
    "# a comment of the editor\n\ntfjs-trainer: it says why\n",
    'Revert "queue: a job is delivered once"',
    "fixup! queue: a job is delivered once",
    long(72),
    `queue: ${"é".repeat(65)}`,
  ])("lets %j pass", (message) => {
    expect(ask(message)).toEqual({ status: 0, said: "" });
  });

  it.each([
    ["A job is delivered once", /names no scope/],
    ["Queue: a job is delivered once", /names no scope/],
    ["queue:", /names no scope/],
    [long(73), /more than 72 characters/],
  ])("refuses %j", (message, said) => {
    const answer = ask(message);
    expect(answer.status).toBe(1);
    expect(answer.said).toMatch(said);
    expect(answer.said).toContain(message);
  });
});
