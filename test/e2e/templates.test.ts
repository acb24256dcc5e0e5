import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { useE2e } from "../support/e2e.js";
import { expectSoundEverywhere } from "../support/sound-page.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const shell = fileURLToPath(new URL("../contract/trainers/tiny-trainer.sh", import.meta.url));

describe("programs by their command line", () => {
  const e2e = useE2e();

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
    await expectSoundEverywhere(page);

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
    await expectSoundEverywhere(page);
  });
});
