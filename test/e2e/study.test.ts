import type { Run, Sweep } from "@reprise/contracts";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { apiAt, sweepUntil } from "../support/api.js";
import {
  chromiumMissing,
  launchBrowser,
  openPage,
  seriousViolations,
  sidewaysOverflow,
} from "../support/browser.js";
import { dataFolder, type RunningReprise, startReprise } from "../support/start-reprise.js";

const study = (epochs: number, repeats: number) => `name: from the browser
dataset: wdbc
base: { model: mlp, batchNorm: true, epochs: ${epochs}, batchSize: 32, optimizer: adam, learningRate: 0.01 }
seeds: [42]
modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: ${repeats} } }
analysisPlan: { primaryMetric: testSensitivity }
`;

describe("a study in the browser", () => {
  const data = dataFolder();
  let server: RunningReprise;
  let browser: Browser;

  beforeAll(async () => {
    if (chromiumMissing) return;
    [server, browser] = await Promise.all([
      startReprise(["--data", data.path, "--demo", "none", "--port", "4770"]),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    data.remove();
  });
  beforeEach(({ skip }) => {
    if (chromiumMissing) skip(chromiumMissing);
  });

  let finished: { sweep: Sweep; run: Run } | undefined;
  /** A finished study, trained once for the tests that only look at one. */
  async function finishedStudy(): Promise<{ sweep: Sweep; run: Run }> {
    if (finished) return finished;
    const api = apiAt(server.url);
    const { id } = await api.createSweep(parse(study(10, 3)));
    const sweep = await sweepUntil(api, server.url, id);
    const [run] = await api.runs(id);
    if (!run) throw new Error("the study has no runs");
    finished = { sweep, run };
    return finished;
  }

  it("starts from an empty list, through a mistyped document, to a verdict", async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(server.url);
    await page.getByRole("button", { name: /quickstart/i }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "New sweep" }).click();
    await page.getByText("YAML", { exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Sweep as YAML" });
    await editor.fill(study(15, 3).replace("optimizer", "optimiser"));
    await page
      .getByText(/Did you mean "optimizer"/)
      .first()
      .waitFor();
    expect(await page.getByRole("button", { name: /^Launch/ }).isEnabled()).toBe(false);

    await editor.fill(study(15, 3));
    const launch = page.getByRole("button", { name: "Launch 5 runs", disabled: false });
    await launch.waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await launch.click();

    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    await page.getByRole("heading", { name: "from the browser" }).waitFor();
    // Live: the page reaches its end without being loaded again.
    await page.getByText("5 / 5 ended").waitFor({ timeout: 100_000 });
    await page
      .getByText(/equal digests|bit for bit|bit-identical/i)
      .first()
      .waitFor();
    await page.getByText(/det all 2 equal/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole("heading", { name: "Which runs are behind it?" }).scrollIntoViewIfNeeded();
    expect(complaints).toEqual([]);
  });

  it("shows a run with what was requested and what was used, its logs and its ladder", async () => {
    const { run } = await finishedStudy();
    const { page, complaints } = await openPage(browser);
    await page.goto(`${server.url}/runs/${run.id}`);
    await page.getByRole("heading", { name: "What did it come to?" }).waitFor();
    await page.getByRole("tab", { name: /configuration/i }).click();
    await page.getByRole("heading", { name: "Did the trainer use what was asked?" }).waitFor();
    await page.getByRole("tab", { name: /ladder/i }).click();
    await page.getByRole("heading", { name: "Up to where is it the same?" }).waitFor();
    await page
      .getByText(run.digest?.slice(0, 8) ?? "no digest")
      .first()
      .waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("pauses, resumes and cancels", async () => {
    const api = apiAt(server.url);
    const sweep = await api.createSweep({
      name: "to be stopped",
      dataset: "wdbc",
      base: { model: "mlp", epochs: 200, batchSize: 32 },
      modes: { deterministic: { repeats: 6 } },
    });
    const { page, complaints } = await openPage(browser);
    await page.goto(`${server.url}/sweeps/${sweep.id}`);
    await page.getByRole("button", { name: "Pause" }).click();
    await sweepUntil(
      api,
      server.url,
      sweep.id,
      ({ status, runCounts }) => status === "paused" && runCounts.running === 0,
    );
    expect((await api.sweep(sweep.id)).runCounts.queued).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Resume" }).click();
    await sweepUntil(api, server.url, sweep.id, ({ runCounts }) => runCounts.running > 0);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page
      .getByRole("button", { name: /cancel|stop/i })
      .last()
      .click();
    const cancelled = await sweepUntil(api, server.url, sweep.id, ({ status }) => status === "cancelled");
    expect(cancelled.runCounts).toMatchObject({ queued: 0, running: 0, failed: 0 });
    await page.getByText("cancelled").first().waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([
    { width: 1440, colorScheme: "dark" },
    { width: 390, colorScheme: "light" },
    { width: 390, colorScheme: "dark" },
  ] as const)("is readable and whole at $width px, $colorScheme", async ({ width, colorScheme }) => {
    const { sweep, run } = await finishedStudy();
    const { page, complaints } = await openPage(browser, { viewport: { width, height: 844 }, colorScheme });
    for (const path of ["/", `/sweeps/${sweep.id}`, "/sweeps/new", `/runs/${run.id}`, "/workers"]) {
      await page.goto(`${server.url}${path}`);
      await page.getByRole("heading").first().waitFor();
      expect(await seriousViolations(page), path).toEqual([]);
      expect(await sidewaysOverflow(page), path).toBe(0);
    }
    expect(complaints).toEqual([]);
  });
});
