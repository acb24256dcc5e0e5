import { run } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiAt, sweepUntil } from "../support/api.js";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { dataFolder, type RunningReprise, startReprise } from "../support/start-reprise.js";

describe("watching and steering a sweep", () => {
  const e2e = useE2e();
  // A server of its own: it is stopped while others look at theirs.
  const data = dataFolder();
  let server: RunningReprise;
  beforeAll(async () => {
    server = await startReprise(["--data", data.path]);
  });
  afterAll(async () => {
    await server?.stop();
    data.remove();
  });

  it("pauses, survives a restart of the server, resumes and cancels, on one page that is never loaded again", async () => {
    const { url } = server;
    const api = apiAt(url);
    const sweep = await api.createSweep({
      name: "to be stopped, under a name that is as long as somebody who describes a whole study in its title would make it",
      dataset: "wdbc",
      base: { model: "mlp", epochs: 60, batchSize: 32 },
      modes: { deterministic: { repeats: 12 } },
    });
    const page = await e2e.open(`${url}/sweeps/${sweep.id}`, { outage: true });
    // A lane names what is being trained.
    await page.getByRole("heading", { name: "What is being trained?" }).waitFor();
    await page.getByRole("img", { name: /runs ended in the last three minutes/ }).waitFor();
    await page.getByText(/^processors \d+\s% .* free$/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    // However long the name, the header is one row: it gives way to the buttons.
    const header = await page.locator("main header").first().boundingBox();
    expect(header?.height).toBeLessThan(64);

    await page.getByRole("button", { name: "Pause" }).click();
    await sweepUntil(
      api,
      url,
      sweep.id,
      ({ status, runCounts }) => status === "paused" && runCounts.running === 0,
    );
    const before = await api.sweep(sweep.id);
    expect(before.runCounts.queued).toBeGreaterThan(0);

    const gone = page.getByText("The server does not answer.").first().waitFor();
    const restarted = server.stop().then(async () => {
      server = await startReprise(["--data", data.path, "--port", new URL(url).port]);
    });
    await Promise.all([restarted, gone]);
    expect(server.url).toBe(url);
    await page.getByText("The server does not answer.").first().waitFor({ state: "detached" });
    await page.getByText("Connection: live", { exact: true }).waitFor();
    expect((await api.sweep(sweep.id)).runCounts).toEqual(before.runCounts);

    await page.getByRole("button", { name: "Priority 0" }).click();
    await page.getByRole("textbox", { name: "Priority" }).fill("5");
    await page.getByRole("button", { name: "Set priority" }).click();
    await page.getByRole("button", { name: "Priority 5" }).waitFor();

    await page.getByRole("button", { name: "Resume" }).click();
    await sweepUntil(api, url, sweep.id, ({ runCounts }) => runCounts.running > 0);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel the sweep" }).click();
    const cancelled = await sweepUntil(api, url, sweep.id, ({ status }) => status === "cancelled");
    expect(cancelled.runCounts).toMatchObject({ queued: 0, running: 0, failed: 0 });
    const { succeeded, cancelled: left } = cancelled.runCounts;
    await page.getByText(`${succeeded} trained, ${left} cancelled`, { exact: true }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Run the rest" }).click();
    const again = await sweepUntil(api, url, sweep.id, ({ status }) => status !== "cancelled");
    expect(again.runCounts).toMatchObject({ cancelled: 0, failed: 0 });
    await page.getByText(/ \/ 12 ended$/).waitFor();
    await api.call(`/sweeps/${sweep.id}/cancel`, {});
  });

  it("says once why runs fail, leads to their logs, and tries again only those", async () => {
    const { url } = server;
    const api = apiAt(url);
    const sweep = await api.createSweep({
      name: "to fail",
      task: "contrastive",
      dataset: "digits",
      base: { model: "clip", epochs: 1, pretrained: "not-there.safetensors" },
      seeds: [0, 1],
    });
    await sweepUntil(api, url, sweep.id);
    const page = await e2e.open(`${url}/sweeps/${sweep.id}`, { viewport: { width: 390, height: 844 } });
    await page.getByRole("heading", { name: "Why did 2 runs fail?" }).waitFor();
    const cause = page.getByRole("list", { name: "Failed runs by cause" }).getByRole("listitem");
    await cause.first().waitFor();
    await expect.poll(() => cause.count()).toBe(1);
    expect(await cause.textContent()).toMatch(/not-there\.safetensors.*are not there.*What to do/s);
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);

    // In place of values that will never come: what became of the runs.
    await page
      .getByText(/^There is no .+ to show\.$/)
      .first()
      .waitFor();
    await page
      .getByText(/^2 runs without a result \(2 failed\)/)
      .filter({ visible: true })
      .first()
      .waitFor();

    // The list of studies says at a glance what failed, what diverged and what is still to come.
    const { id: ofTwo } = await api.createSweep({
      ...{ name: "one of two diverged", trainer: "external", dataset: "slides" },
      search: { method: "external" },
    });
    for (const [seed, loss] of ["NaN", 0.5].entries()) {
      const { id } = run.parse(await api.call("/runs", { sweepId: ofTwo, seed, params: {} }));
      await api.call(`/runs/${id}/metrics`, { series: { trainLoss: { steps: [1], values: [loss] } } });
      if (loss === "NaN") await api.call(`/runs/${id}/finish`, {});
    }
    const list = await e2e.open(`${url}/`);
    const card = (name: string) => list.getByRole("listitem").filter({ hasText: name });
    await card("to fail").getByText("2 failed", { exact: true }).waitFor();
    await card("one of two diverged").getByText("1 pending", { exact: true }).waitFor();
    await card("one of two diverged")
      .getByText(/1 diverged$/)
      .waitFor();

    await page.getByRole("button", { name: "Retry 2 failed" }).click();
    await expect
      .poll(async () => (await api.runs(sweep.id)).map(({ attempt, status }) => `${attempt} ${status}`), {
        timeout: 30_000,
        interval: 300,
      })
      .toEqual(["2 failed", "2 failed"]);

    // On a phone what is seldom done stands behind one button.
    await page.locator("main").getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("button", { name: "Extend" }).click();
    const seeds = page.getByRole("textbox", { name: "Further seeds" });
    await seeds.fill("1-2");
    await page.getByText("The study has seed 1 already.").waitFor();
    expect(await page.getByRole("button", { name: "Add the runs" }).isEnabled()).toBe(false);
    await seeds.fill("2..1");
    await page.getByText('"2..1" runs backwards: write 1-2.').waitFor();
    await seeds.fill("2..2");
    await page.getByRole("button", { name: "Add the runs" }).click();
    await page.getByText("1 run added and queued.").waitFor();
    expect((await api.runs(sweep.id)).map(({ seed }) => seed).sort()).toEqual([0, 1, 2]);

    await cause.getByRole("link", { name: "log 1" }).click();
    await page.getByRole("heading", { name: "What did it say?" }).waitFor();
    await page.getByText("The trainer refused or failed:").waitFor();
  });
});
