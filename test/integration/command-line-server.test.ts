import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askAnswer } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { reprise } from "../support/start-reprise.js";
import { type ApiUnderTest, announceWorker, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
let url: string;
const folder = mkdtempSync(join(tmpdir(), "reprise-cli-"));
beforeAll(async () => {
  api = await startTestApi();
  await announceWorker(api);
  // Only a study that has ended can be archived.
  const { id } = await api.createSweep();
  await api.call("POST", `/sweeps/${id}/cancel`);
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

async function run(...words: string[]): Promise<{ code: number | null; printed: string }> {
  const started = reprise(words, { REPRISE_URL: url });
  const [code] = await once(started.process, "close");
  return { code, printed: started.printed() };
}

/** A study whose only run this test trains, so that it can fail it. */
const study = (name: string) =>
  `name: ${name}\ntrainer: external\ndataset: slides\nbase: { model: resnet }\nmodes: { deterministic: { repeats: 1 } }\n`;

/** Takes the run of a sweep, as a program elsewhere does, and ends it badly. */
async function fail(sweepId: string, message: string): Promise<void> {
  const asked = await api.call("POST", `/sweeps/${sweepId}/ask`, { body: {} });
  const { run: taken } = askAnswer.parse(asked.json);
  const ended = await api.call("POST", `/runs/${taken?.id}/finish`, {
    body: { status: "failed", error: message },
  });
  expect(ended.status, ended.text).toBe(200);
}

describe("the command line beside a server", () => {
  it("says why a study failed instead of printing tables of nothing", { timeout: 60_000 }, async () => {
    const file = join(folder, "fails.yaml");
    writeFileSync(file, study("fails"));
    const started = reprise(["sweep", "run", file], { REPRISE_URL: url });
    const closed = once(started.process, "close");
    const id = await vi.waitUntil(() => /\/sweeps\/([0-9a-f-]{36})/.exec(started.printed())?.[1], {
      timeout: 30_000,
    });
    expect(started.printed()).toContain("fails: 1 run queued, ");
    await fail(id, "cohort.csv, line 5: column age holds nothing.");
    const [code] = await closed;
    expect(started.printed()).toContain("1 run failed: cohort.csv, line 5: column age holds nothing.");
    expect(started.printed()).not.toContain("| ---");
    expect(code).toBe(1);

    const { printed } = await run("sweep", "status", "fails");
    expect(printed).toContain("fails: failed (1 failed)");
    expect(printed).toContain("1 run failed: cohort.csv, line 5: column age holds nothing.");
  });

  it("says that the study goes on when it is interrupted", { timeout: 60_000 }, async () => {
    const file = join(folder, "goes-on.yaml");
    writeFileSync(file, study("goes on"));
    const started = reprise(["sweep", "run", file], { REPRISE_URL: url });
    const closed = once(started.process, "close");
    const waiting = () => started.printed().includes("goes on: queued (1 queued)");
    await vi.waitUntil(waiting, { timeout: 30_000 });
    started.process.kill("SIGINT");
    const [code] = await closed;
    expect(started.printed()).toMatch(/The study goes on.*reprise sweep status [0-9a-f-]{36}.*cancel/);
    expect(code).toBe(130);
  });

  it("puts a study aside, and deletes it when that is meant", { timeout: 60_000 }, async () => {
    const { id } = await api.createSweep({ name: "old", dataset: "wdbc" });
    await api.call("POST", `/sweeps/${id}/cancel`);
    expect((await run("sweep", "archive", "old")).code).toBe(0);
    expect((await run("sweep", "list")).printed).not.toContain(id);
    expect(await run("sweep", "delete", id)).toEqual({
      code: 2,
      printed: expect.stringContaining("add --yes. Nothing was deleted."),
    });
    expect(await run("sweep", "delete", id, "--yes")).toEqual({
      code: 0,
      printed: "old is deleted, with 1 run.\n",
    });
    expect((await api.call("GET", `/sweeps/${id}`)).status).toBe(404);
  });

  it("leaves in peace when its reader has seen enough", async () => {
    const started = reprise(["sweep", "list"], { REPRISE_URL: url });
    started.process.stdout?.destroy();
    const [code] = await once(started.process, "close");
    expect(started.printed()).toBe("");
    expect(code).toBe(0);
  });

  it.each([
    [["export", "small", "determinism", "--crate"], /leave out determinism, or --crate/],
    [["export", "small", "--crate", "--format", "latex"], /leave out --format, or --crate/],
    [
      ["export", "small", "determinism", "--output", "/absent/a.md"],
      /cannot write \/absent\/a\.md: .*--output/,
    ],
    [["export", "small", "--crate", "--output", folder], /cannot write .*: .*folder.*--output/],
    [["import", folder], /nothing in it is of a known format .*--as FORMAT/],
  ])("answers %j with what to do", async (words, message) => {
    const { code, printed } = await run(...words);
    expect(printed).toMatch(message);
    expect(code).toBe(2);
  });
});
