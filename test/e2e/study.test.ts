import { describe, expect, it } from "vitest";
import { sidewaysOverflow, useE2e } from "../support/e2e.js";

const study = `name: from the browser
dataset: wdbc
base: { model: mlp, batchNorm: true, epochs: 5, batchSize: 32, optimizer: adam, learningRate: 0.01 }
seeds: [42]
modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 2 } }
analysisPlan: { primaryMetric: testSensitivity }
`;

describe("a study in the browser", () => {
  const e2e = useE2e();

  it("goes from a mistyped document to a verdict", async () => {
    const page = await e2e.open("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "New sweep" }).click();
    await page.getByText("YAML", { exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Sweep as YAML" });
    await editor.fill(study.replace("optimizer", "optimiser"));
    await page
      .getByText(/Did you mean "optimizer"/)
      .first()
      .waitFor();
    expect(await page.getByRole("button", { name: /^Launch/ }).isEnabled()).toBe(false);

    await editor.fill(study);
    await page.getByRole("button", { name: "Launch 4 runs", disabled: false }).click();

    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    await page.getByRole("heading", { name: "from the browser" }).waitFor();
    // Live: the page reaches its end without being loaded again.
    await page.getByText("4 / 4 ended").waitFor({ timeout: 100_000 });
    await page
      .getByText(/equal digests|bit for bit|bit-identical/i)
      .first()
      .waitFor();
    await page.getByText(/det all 2 equal/).waitFor();
  });

  it("shows a run with what was requested and what was used, its logs and its ladder", async () => {
    const { runs } = await e2e.study();
    const [run] = runs;
    const page = await e2e.open(`/runs/${run?.id}`);
    await page.getByRole("heading", { name: "What did it come to?" }).waitFor();
    await page.getByRole("tab", { name: /configuration/i }).click();
    await page.getByRole("heading", { name: "Did the trainer use what was asked?" }).waitFor();
    await page.getByRole("tab", { name: /ladder/i }).click();
    await page.getByRole("heading", { name: "Up to where is it the same?" }).waitFor();
    await page
      .getByText(run?.digest?.slice(0, 8) ?? "no digest")
      .first()
      .waitFor();
    await page.getByRole("tab", { name: "System" }).click();
    await page.getByRole("heading", { name: "What else did the machine do?" }).waitFor();
    await page.getByRole("figure", { name: /^Available memory over wall time/ }).waitFor();
    expect(await page.getByText("The run had no GPU.").count()).toBe(1);
    expect(await sidewaysOverflow(page)).toBe(0);
  });

  it("finds in its queries every answer that the start page asks for ahead", async () => {
    const { sweep, runs } = await e2e.study();
    const page = await e2e.open("/");
    for (const path of [
      "/",
      `/sweeps/${sweep.id}`,
      `/runs?sweep=${sweep.id}`,
      `/runs/${runs[0]?.id}`,
      "/workers",
    ]) {
      const answer = await page.goto(path);
      expect(await answer?.text(), path).toContain('rel="preload" as="fetch"');
      const waiting = page.locator("link[rel='preload'][as='fetch']");
      await expect.poll(() => waiting.count(), { message: path, timeout: 60_000 }).toBe(0);
    }
  });
});
