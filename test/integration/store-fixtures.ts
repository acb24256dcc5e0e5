import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pageOf, type Run, run } from "@reprise/contracts";
import { type AttemptRef, finishAttempt } from "@reprise/database";
import { afterAll } from "vitest";
import { announceWorker, startTestApi } from "./api-harness.js";

export const firstOf = <T>(items: readonly T[]): T => {
  const [first] = items;
  if (first === undefined) throw new Error("nothing there");
  return first;
};

/** A server with one worker and a folder with its artifact store, for one test file; closed and removed after its last test. */
export async function storesOfFile() {
  const api = await startTestApi();
  const worker = await announceWorker(api);
  const folder = mkdtempSync(join(tmpdir(), "reprise-artifacts-"));
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function study(spec: object = {}): Promise<{ id: string; runs: Run[] }> {
    const { id } = await api.createSweep({ name: "files", dataset: "wdbc", base: { epochs: 3 }, ...spec });
    return { id, runs: (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items };
  }

  /** A file in a store, where a worker puts it. */
  function store(content: string | Buffer) {
    const digest = createHash("sha256").update(content).digest("hex");
    const path = join(folder, "artifacts", "sha256", digest.slice(0, 2), digest);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return { path, digest, bytes: Buffer.byteLength(content) };
  }

  const end = (ref: AttemptRef) =>
    finishAttempt(api.db, ref, {
      status: "succeeded",
      digest: "a".repeat(64),
      selectedEpoch: 3,
      phases: {},
      energy: null,
    });
  return { api, worker, folder, study, store, end };
}
