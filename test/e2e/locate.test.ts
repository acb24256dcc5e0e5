import { describe, expect, it, onTestFinished } from "vitest";
import { apiAt } from "../support/api.js";
import { useE2e } from "../support/e2e.js";
import { python, torchMissing } from "../support/python.js";
import { expectSoundEverywhere } from "../support/sound-page.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const study = {
  name: "two threads",
  trainer: "torch-laptop",
  dataset: "digits",
  base: { epochs: 1, learningRate: 1 },
  seeds: [0],
  arms: [{ name: "free", execution: { order: "free", algorithms: "default" }, repeats: 1 }],
};

describe("in which operation two runs of a PyTorch trainer part", () => {
  const e2e = useE2e();
  const missing = torchMissing();

  it("is a button on a verification and on a diff, with the answer below it; by hand it is a command", async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const data = dataFolder();
    onTestFinished(data.remove);
    const server = await startReprise(["--data", data.path], { REPRISE_PYTHON: python });
    onTestFinished(async () => void (await server.stop()));
    const api = apiAt(server.url);
    const { id } = await api.createSweep(study);
    await expect.poll(async () => (await api.sweep(id)).status, { timeout: 120_000 }).toBe("succeeded");
    const { items } = await api.call<{ items: { id: string }[] }>(`/runs?sweepId=${id}`);
    const first = items[0]?.id;

    const page = await e2e.open("about:blank", { reducedMotion: "reduce" });
    await page.goto(`${server.url}/runs/${first}?view=repeat`);
    await page.getByRole("button", { name: "Verify", exact: true }).first().click();
    const card = page.getByRole("article", { name: "Verification" });
    await card.getByRole("button", { name: "Locate", exact: true }).click({ timeout: 120_000 });
    await card.getByText(/trains both side by side|Waiting for a worker that can trace/).waitFor();
    await card.getByRole("row", { name: /Operation aten\.index_put/ }).waitFor({ timeout: 180_000 });
    await card.getByRole("row", { name: /^Phase backward/ }).waitFor();
    await card.getByRole("row", { name: /^Differs in .* ulp/ }).waitFor();
    await card.getByRole("row", { name: /^Known cause .*has a deterministic form/ }).waitFor();
    await card.getByRole("link", { name: "What PyTorch documents about deterministic algorithms" }).waitFor();
    await card.getByText(/Both began at the start\. The two keep no checkpoints/).waitFor();
    await expectSoundEverywhere(page);

    await card.getByRole("link", { name: "all differences" }).click();
    const section = page.getByRole("region", { name: "In which operation do they part?" });
    await section.getByRole("row", { name: /Operation aten\.index_put/ }).waitFor();
    await section.getByRole("button", { name: "Locate again" }).click();
    await section.getByRole("button", { name: "Cancel" }).click();
    await section.getByText("The last search was cancelled.").waitFor();
    await expectSoundEverywhere(page);

    const logged = { study: "by hand", params: { lr: 1 }, seed: 0, mode: "nondeterministic" };
    const byHand = await api.call<{ id: string }>("/runs", logged);
    await page.goto(`${server.url}/runs/${byHand.id}?view=evidence`);
    await page.getByText(`python -m reprise locate --run ${byHand.id} train.py`).waitFor();
    await expectSoundEverywhere(page);
  }, 600_000);
});
