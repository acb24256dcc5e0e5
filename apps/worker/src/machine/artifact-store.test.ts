import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileIsHere, fileIsWhole, storeFile } from "./artifact-store.js";

test("a checkpoint moves to a place named after its content; equal ones share it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reprise-checkpoint-"));
  const [root, first, second] = [join(folder, "store"), join(folder, "a.bin"), join(folder, "b.bin")];
  await writeFile(first, "weights");
  await writeFile(second, "weights");
  const digest = createHash("sha256").update("weights").digest("hex");
  const stored = join(root, "sha256", digest.slice(0, 2), digest);
  expect(await storeFile(root, first)).toEqual({ path: stored, digest, bytes: 7 });
  expect((await storeFile(root, second)).path).toBe(stored);
  expect(readFileSync(stored, "utf8")).toBe("weights");
  expect([existsSync(first), existsSync(second)]).toEqual([false, false]);
  expect(await readdir(join(root, "incoming"))).toEqual([]);
  expect(await fileIsHere(stored)).toBe(true);
  expect(await fileIsHere(join(root, "elsewhere"))).toBe(false);
  const sizes = [7, null, 8].map((bytes) => fileIsWhole(stored, bytes));
  expect(await Promise.all(sizes)).toEqual([true, true, false]);
  expect(await fileIsWhole(join(root, "elsewhere"), null)).toBe(false);
});

test("a checkpoint that the trainer announced but did not write is an error", async () => {
  const root = await mkdtemp(join(tmpdir(), "reprise-checkpoint-"));
  await expect(storeFile(root, join(root, "nothing.bin"))).rejects.toThrow("ENOENT");
});
