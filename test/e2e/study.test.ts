import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

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
    // Everything at once, each at its line: what the form forbids and what only the trainer knows.
    const wrong = study.replace("optimizer", "optimiser").replace("from the browser", "n".repeat(126));
    await editor.fill(wrong.replace("testSensitivity", "testSensitivty"));
    const mistakes = page.getByRole("list", { name: "Mistakes in the document" }).getByRole("listitem");
    await expect
      .poll(async () => (await mistakes.allTextContents()).map((text) => text.trim()))
      .toEqual([
        "line 1 The name may have 120 characters; it has 126.",
        expect.stringMatching(/^line 3 Trainer tfjs has no hyperparameter .*Did you mean "optimizer"\?$/),
        expect.stringMatching(
          /^line 6 There is no metric "testSensitivty" of trainer tfjs\. Did you mean "testSensitivity"\?$/,
        ),
      ]);
    expect(await page.getByRole("button", { name: /^Launch/ }).isEnabled()).toBe(false);
    expect(await seriousViolations(page)).toEqual([]);
    await mistakes.nth(2).getByRole("button", { name: "line 6" }).click();
    expect(await page.evaluate("getSelection().toString()")).toMatch(/^analysisPlan/);
    await page.getByText("primaryMetric", { exact: true }).hover();
    await page
      .getByRole("tooltip")
      .getByText(/metric/)
      .first()
      .waitFor();

    // Completion at the cursor: what the trainer has and the study has not.
    await editor.fill("base: { model: mlp, le");
    await editor.press("End");
    await editor.press("Control+Space");
    await page.getByRole("option", { name: /learningRate/ }).waitFor();
    await editor.press("Escape");

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
    await page.getByText(/det the two are equal/).waitFor();
  });

  it("shows a run with what was requested and what was used, its logs and its ladder", async () => {
    const { runs } = await e2e.study();
    const [run] = runs;
    const page = await e2e.open(`/runs/${run?.id}`);
    await page.getByRole("heading", { name: "What did it come to?" }).waitFor();
    // What the trainer discloses is folded above the curves, behind the number of its lines.
    const disclosed = page.locator("details", { hasText: /^What the trainer discloses \(\d+\)/ });
    expect(await disclosed.locator("li").first().isVisible()).toBe(false);
    await disclosed.locator("summary").click();
    await disclosed.locator("li").first().waitFor();
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
