import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { madeStudy, writeMlflowStudy } from "../support/foreign-study.js";

describe("importing runs of another tracker", () => {
  const e2e = useE2e();

  it("goes from a folder over the questions to the verdict", async () => {
    const folder = mkdtempSync(join(tmpdir(), "runs-to-drop-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeMlflowStudy(folder, madeStudy());
    const page = await e2e.open("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Import" }).click();
    await page.getByLabel("Folder to import").setInputFiles(folder);

    await page.getByText(/^MLflow \(folder\): 30 runs with 180 points of 2 metrics\./).waitFor();
    const strip = page.getByRole("table", { name: "Runs by configuration and seed" });
    await expect.poll(() => strip.getByRole("img", { name: /complete$/ }).count()).toBe(30);
    await page.getByRole("heading", { name: "Which column is the seed, and what does it decide?" }).waitFor();
    await page
      .getByText(/^deterministic: det \(true\) claims to be deterministic, and in 6 of 6 repeated cells/)
      .waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    // An answer changes what is shown above it.
    await page.getByRole("combobox", { name: "Arm column" }).click();
    await page.getByRole("option", { name: "— none —" }).click();
    await strip
      .getByRole("img", { name: /as-run, repeat 3/ })
      .first()
      .waitFor();
    await page.getByRole("combobox", { name: "Arm column" }).click();
    await page.getByRole("option", { name: "deterministic", exact: true }).click();
    await strip
      .getByRole("img", { name: /det, repeat 2/ })
      .first()
      .waitFor();
    await page.getByText("Best epoch", { exact: true }).click();
    await page.getByLabel("Name of the study").fill("dropped runs");
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: "Import 30 runs", disabled: false }).click();

    await page.getByText("30 runs added").waitFor();
    await page.getByRole("link", { name: "Read the verdict" }).click();
    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    const lead = page.getByRole("region", { name: "Is this difference larger than your seeds?" });
    await lead
      .getByText(/val_acc/)
      .first()
      .waitFor();
    await page
      .getByText(/equal as logged; their weights were not seen/)
      .first()
      .waitFor();
    expect(await page.getByText(/repeat to the bit|bit-identical(?!\?)/).count()).toBe(0);
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    const sweep = await e2e.api.sweep(page.url().split("/").at(-1) ?? "");
    expect(sweep).toMatchObject({ name: "dropped runs", totalRuns: 30, origin: { format: "mlflow-file" } });
  });
});
