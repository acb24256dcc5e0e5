import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";
import { settled } from "../support/tour.js";

const shell = fileURLToPath(new URL("../contract/trainers/tiny-trainer.sh", import.meta.url));

describe("programs by their command line", () => {
  const e2e = useE2e();

  async function isSoundEverywhere(page: Page): Promise<void> {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await sidewaysOverflow(page)).toBe(0);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        expect(await seriousViolations(page)).toEqual([]);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  }

  it("are launched from the form, say why one is left out, and what a run that fails wrote last", async () => {
    const data = dataFolder();
    onTestFinished(data.remove);
    const config = join(data.path, "worker.yaml");
    const trainers = [
      { name: "mine", command: `sh "${shell}" --epochs {epochs} --rate {learningRate} --seed {seed}` },
      { name: "absent", command: "no-such-program {lr}" },
    ];
    writeFileSync(config, JSON.stringify({ name: "lab", trainers }));
    const words = ["--data", data.path, "--demo", "none"];
    const server = await startReprise(words, { REPRISE_WORKER_CONFIG: config });
    onTestFinished(async () => void (await server.stop()));

    const page = await e2e.open("about:blank", { reducedMotion: "reduce" });
    await page.goto(`${server.url}/workers`);
    const leftOut = page.getByRole("list", { name: "Trainers that lab left out" });
    await leftOut.getByText("it cannot be started: there is no program no-such-program").waitFor();
    await isSoundEverywhere(page);

    await page.goto(`${server.url}/sweeps/new`);
    await page.getByLabel("Trainer", { exact: true }).selectOption("mine");
    await page.getByLabel("Data set", { exact: true }).fill("one number");
    await page.getByLabel("Primary metric", { exact: true }).fill("trainLoss");
    await page.getByRole("button", { name: "Leave batchSize at its default" }).click();
    await page.getByRole("button", { name: "Stop varying optimizer" }).click();
    // Its placeholders may be anything: what is wrong with one the program says itself.
    await page.getByLabel("epochs", { exact: true }).fill("many");
    await page.getByRole("button", { name: /^Launch \d+ runs/ }).click();
    await page.getByRole("list", { name: "Failed runs by cause" }).getByRole("link").first().click();
    const alert = page.getByRole("alert");
    await alert.getByText("Last lines on stderr", { exact: true }).waitFor();
    expect(await alert.textContent()).toContain("many");
    await isSoundEverywhere(page);
  });
});
