import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { downloaded, useE2e } from "../support/e2e.js";

/** The numbers of the column Reprise, by the word that a row begins with. */
function documented(): Record<string, number> {
  const text = readFileSync(new URL("../../docs/steps.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| (launch|compare|export|share)\b[^|]*\| (\d+)/gm)];
  return Object.fromEntries(rows.map(([, task, steps]) => [task, Number(steps)]));
}

describe("the steps that docs/steps.md counts", () => {
  const e2e = useE2e();

  it("are as many as it takes to launch, compare, export and share", async () => {
    const { sweep } = await e2e.study();
    const steps = { launch: 0, compare: 0, export: 0, share: 0 };
    const counting = (task: keyof typeof steps) => ({
      click: async (what: Locator) => {
        steps[task]++;
        await what.click();
      },
      fill: async (what: Locator, text: string) => {
        steps[task]++;
        await what.fill(text);
      },
      copyAddress: async (from: Page) => {
        steps[task]++;
        return from.url();
      },
    });

    const page = await e2e.open("/");
    const launch = counting("launch");
    await launch.click(
      page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "New sweep" }),
    );
    await launch.click(page.getByRole("button", { name: "Vary learningRate" }));
    await launch.fill(page.getByLabel("learningRate", { exact: true }), "0.01, 0.1");
    await launch.fill(page.getByLabel("Seeds", { exact: true }), "0-4");
    const button = page.getByRole("button", { name: /^Launch \d+ runs$/, disabled: false });
    await launch.click(button);
    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    const id = page.url().split("/").at(-1) ?? "";
    // Looked at, not trained.
    await e2e.api.call(`/sweeps/${id}/cancel`, {});
    const { spec } = await e2e.api.sweep(id);
    expect(spec).toMatchObject({
      seeds: [0, 1, 2, 3, 4],
      search: { parameters: { learningRate: [0.01, 0.1] } },
    });

    await page.goto(`/?name=${encodeURIComponent(sweep.name)}`);
    await counting("compare").click(page.getByRole("link", { name: sweep.name }).first());
    const compared = page.getByRole("region", { name: /^Do configurations differ from/ });
    await page.getByRole("tab", { name: "Tests" }).scrollIntoViewIfNeeded();
    await compared
      .getByText(/test accuracy/)
      .first()
      .waitFor();

    const table = await downloaded(page, () =>
      counting("export").click(compared.getByRole("link", { name: /as LaTeX$/ }).first()),
    );
    expect(table.content.toString()).toContain("\\begin{tabular}");

    // Who opens the address that was copied, in a browser of their own, reads the same sentence.
    const headline = (of: Page) =>
      of
        .getByRole("region", { name: "Would this result happen again?" })
        .locator("[data-weight=chief] p")
        .first();
    const finding = await headline(page).textContent();
    expect(finding).toMatch(/\w\./);
    const address = await counting("share").copyAddress(page);
    const shared = await e2e.open(address);
    await headline(shared).waitFor();
    expect(await headline(shared).textContent()).toBe(finding);
    await shared.getByRole("tab", { name: "Tests", selected: true }).waitFor();
    expect(steps).toEqual(documented());
  });
});
