import type { Predictions } from "@reprise/contracts";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { sweepUntil } from "../support/api.js";
import { downloaded, seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

const rows = (page: Page, name: string) =>
  page.getByRole("region", { name, exact: true }).locator("tbody tr");

describe("evidence in the browser", () => {
  const e2e = useE2e();

  it("groups and sorts runs, shares the view by its address, and shows what two runs differ in", async () => {
    const { sweep, runs } = await e2e.study();
    const page = await e2e.open(`/runs?sweep=${sweep.id}`);
    await page.getByText("10 runs").waitFor();
    await page.getByRole("columnheader", { name: "test accuracy" }).getByRole("button").click();
    await page.locator('th[aria-sort="ascending"]').waitFor();
    expect(new URL(page.url()).searchParams.get("sort")).toBe("metrics.testAccuracy");

    // A layout is kept in the browser under a name; the address carries what it is made of.
    const columns = page.getByRole("button", { name: "Columns" });
    const layouts = page.getByRole("region", { name: "Saved layouts" });
    await columns.click();
    await page.getByRole("checkbox", { name: "Status", exact: true }).uncheck();
    await expect.poll(() => new URL(page.url()).searchParams.get("columns")).toMatch(/arm/);
    const kept = page.url();
    await layouts.getByLabel("Name for this layout").fill("lean");
    await page.keyboard.press("Enter");
    await layouts.getByRole("button", { name: "lean", exact: true, pressed: true }).waitFor();
    await page.getByRole("checkbox", { name: "Status", exact: true }).check();
    await layouts.getByRole("button", { name: "lean", exact: true, pressed: false }).click();
    await expect.poll(() => page.url()).toBe(kept);
    await page.keyboard.press("Escape");

    await page.getByRole("combobox", { name: "Group by" }).click();
    await page.getByRole("option", { name: "params.optimizer" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Mean ± SD" }).click();
    const groups = rows(page, "Groups of runs");
    await groups.nth(1).waitFor();
    const seen = await groups.allInnerTexts();
    // Its head says what it is in words; the field's own name is in the tip.
    await page.getByRole("columnheader", { name: "optimizer", exact: true }).waitFor();
    expect(seen.join()).toMatch(/adam\s+5\s+5\s+[\d.]+\s% ± [\d.]+ pp/);

    const shared = await e2e.open(page.url());
    await rows(shared, "Groups of runs").nth(1).waitFor();
    expect(await rows(shared, "Groups of runs").allInnerTexts()).toEqual(seen);
    await shared.getByRole("link", { name: "Show the 5 runs of sgd" }).click();
    await shared.getByText("5 runs", { exact: true }).waitFor();
    expect(new URL(shared.url()).searchParams.get("filter")).toBe("params.optimizer = 'sgd'");
    const boxes = shared.getByRole("checkbox", { name: /^Select/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await shared.getByRole("button", { name: "Show what differs" }).click();
    await shared.waitForURL(/\/runs\/[0-9a-f-]{36}\/diff\/[0-9a-f-]{36}/);
    await shared.getByRole("heading", { name: "Up to where are they the same?" }).waitFor();
    expect((await shared.getByRole("heading", { level: 2 }).allInnerTexts())[0]).toBe(
      "What was set differently?",
    );
    // Repeats are counted from one, as in the names of the runs.
    const [first, second] = runs.filter(({ arm, params }) => arm === "free" && params.optimizer === "sgd");
    await shared.goto(`/runs/${first?.id}/diff/${second?.id}`);
    await shared.getByRole("row", { name: "repeat 1 2" }).waitFor();
    await shared.getByRole("navigation").getByRole("link", { name: sweep.name }).waitFor();

    // A ladder that cannot be read is an error with a way out, not one that loads for ever.
    const cut = await e2e.open(`/runs/${first?.id}`, { outage: true });
    await cut.route(`**/runs/${second?.id}/ladder`, (route) => route.abort());
    await cut.goto(`/runs/${first?.id}/diff/${second?.id}`);
    await cut.getByRole("alert").getByText("The server does not answer.").waitFor();
    await cut.unrouteAll();
    await cut.getByRole("button", { name: "Try again" }).click();
    await cut.getByRole("list", { name: "Digest ladders of both runs" }).waitFor();
  });

  it("compares configurations: one sentence, the tests behind it, what is in the groups", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open(`/compare?sweep=${sweep.id}`);
    await page.getByRole("button", { name: "Compare configurations" }).click();
    await page.getByRole("heading", { name: "Is there a difference?" }).waitFor();
    await page.getByText(/Adam against SGD/).waitFor();
    expect(await rows(page, "Tests").textContent()).toMatch(/Adam − SGD/);
    expect(await rows(page, "Groups").allInnerTexts()).toHaveLength(2);
    const apart = rows(page, "Differences between groups").filter({ hasText: "optimizer" });
    await apart.waitFor();
    expect(await apart.allInnerTexts()).toEqual([expect.stringMatching(/adam\s+sgd/)]);
    // The question is in the address: loaded again, it gets the same answer.
    await page.reload();
    await page.getByText(/Adam against SGD/).waitFor();
  });

  it("opens every group of questions and takes a table away as LaTeX", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open(`/sweeps/${sweep.id}`);
    // A line per configuration instead of one per seed; the address keeps it.
    await page.getByText("Dense", { exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("strip")).toBe("dense");
    await page.reload();
    await page.getByRole("radio", { name: "Dense", checked: true }).waitFor({ state: "attached" });
    expect(
      await page
        .getByRole("group", { name: /^Digest strip/ })
        .getByRole("link")
        .count(),
    ).toBe(10);
    // Read once the curves come near.
    await page.getByRole("heading", { name: "When do the arms part?" }).scrollIntoViewIfNeeded();
    await page.getByRole("combobox", { name: "Along" }).selectOption({ label: "by optimizer step" });
    await page
      .getByRole("figure", { name: /per step and arm/ })
      .first()
      .waitFor();
    expect(new URL(page.url()).searchParams.get("x")).toBe("step");
    // Several metrics side by side, with a band by choice; all of it is in the address.
    await page.getByRole("combobox", { name: "Band" }).selectOption({ label: "band: SD" });
    await page.getByText(/with the standard deviation between seeds/).waitFor();
    await page.locator("input[aria-label='Metrics of the curves']").fill("validation accuracy");
    await page
      .getByRole("listbox", { name: "Metrics of the curves" })
      .getByRole("option", { name: "validation accuracy", exact: true })
      .click();
    const curves = page.getByRole("figure", { name: /per step and arm/ });
    await expect.poll(() => curves.count()).toBe(4);
    await page
      .getByRole("figure", { name: /^SGD: validation accuracy/ })
      .locator("path.recharts-area-area")
      // The free arm's: of one deterministic run at one seed there is no SD.
      .last()
      .waitFor();
    await page.keyboard.press("Escape");
    const asked = new URL(page.url()).searchParams;
    expect([asked.get("band"), JSON.parse(asked.get("curve") ?? "")]).toEqual([
      "sd",
      ["validationLoss", "validationAccuracy"],
    ]);
    const questions = {
      Tests: "How far apart are the best and the worst run?",
      Cases: "Which cases flip between runs?",
      Weights: "How far do the weights of repeats drift apart?",
      Cost: "What does determinism cost in time?",
      "Sources of spread": "How much is the seed, how much the execution?",
      Hyperparameters: "Which hyperparameter makes the difference?",
      Published: "How does it compare with the published figures?",
    };
    for (const [tab, question] of Object.entries(questions)) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("heading", { name: question }).waitFor();
    }
    await page.getByRole("tab", { name: "Cases" }).click();
    // Drawn once one comes near.
    await page
      .getByRole("heading", { name: "Do the runs rank the cases the same way, at any threshold?" })
      .scrollIntoViewIfNeeded();
    await page
      .getByRole("img", { name: /ROC curves of/ })
      .first()
      .waitFor();

    const latex = await downloaded(page, () =>
      page.getByRole("link", { name: "Agreement between runs as LaTeX" }).click(),
    );
    expect(latex.name).toMatch(/\.tex$/);
    expect(latex.content.toString()).toContain("\\begin{tabular}");
  });

  it("begins on a phone with the verdict, and hides no p-value", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open(`/sweeps/${sweep.id}?view=tests`, { viewport: { width: 390, height: 844 } });
    const verdict = page.getByRole("region", { name: "Would this result happen again?" });
    await verdict
      .getByText(/^How do we know/)
      .first()
      .waitFor();
    expect((await verdict.locator("p").first().boundingBox())?.y).toBeLessThan(420);
    // Sentences in place of a table of eleven columns.
    const tests = page.getByRole("list", { name: "Deterministic against free, by seed" });
    await page.getByRole("tab", { name: "Tests" }).scrollIntoViewIfNeeded();
    await tests
      .getByText(/p [=<>] 0\.\d+|No |Only |All /)
      .first()
      .waitFor();
    await page.getByRole("switch", { name: "In words" }).press("Space");
    const table = page.getByRole("region", { name: "Deterministic against free, by seed" });
    await table.waitFor();
    expect(new URL(page.url()).searchParams.get("words")).toBe("off");
    // The table says that more follows, until one has been there; its first column stays.
    const frame = page.locator("[data-beyond]", { has: table });
    await frame.waitFor();
    await page.evaluate(
      "document.querySelector(\"section[aria-label='Deterministic against free, by seed']\").scrollTo(9999, 0)",
    );
    await frame.waitFor({ state: "detached" });
    expect((await table.getByRole("columnheader").first().boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.getByRole("button", { name: "Report" }).click();
    await page.getByRole("menuitem", { name: "Read the report" }).click();
    await page.waitForURL(/\/report/);
  });

  it("shows published studies with what does not add up, and audits a pasted table", async () => {
    const page = await e2e.open("/references");
    await page.getByRole("link", { name: /^Hyperparameter Optimization/ }).click();
    await page.getByRole("img", { name: /Set 4/ }).waitFor();
    await page.getByRole("heading", { name: "What does not add up?" }).waitFor();

    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
    const table = page.getByRole("textbox", { name: /^Table with a header line/ });
    await table.fill("configuration,det,mean,delta %\nA,92.10,92.40,0.325\n");
    await page.getByRole("button", { name: "Check the table" }).click();
    await page.getByText(/printed as 0\.325 with the wrong sign/).waitFor();

    await table.fill(
      "| Model | Acc (%) | N |\n|---|---|---|\n| A | **93.50** ± 0.3 | 228 |\n| B | see text | 228 |\n",
    );
    const missed = page.getByRole("region", { name: "Cells that are not understood" });
    await missed.getByRole("row", { name: /line 4 \(B\) Acc \(%\) see text not a number/ }).waitFor();
    await page.getByText("the number behind ± is read as a standard deviation").waitFor();
    await page.getByRole("button", { name: "Check the table" }).click();
    await page.getByText(/93\.50 is not a share of 228 cases/).waitFor();
  });

  it("writes a report that answers first, in two lengths, to be read, printed and taken away", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open(`/sweeps/${sweep.id}`);
    const { headline } = await e2e.api.call<{ headline: { sentence: string } }>(
      `/sweeps/${sweep.id}/analyses/determinism`,
    );
    await page.getByRole("link", { name: "Report" }).click();
    const headings = page.getByRole("article").getByRole("heading", { level: 2 });
    await headings.nth(4).waitFor();
    expect((await headings.allInnerTexts()).slice(0, 2)).toEqual([
      "Would this result happen again?",
      "What does the answer rest on?",
    ]);
    // The answer is that of the study's page, and what is found about each configuration stands under it.
    const article = page.getByRole("article");
    expect(await article.textContent()).toContain(headline.sentence.slice(0, 40));
    const answers = article.getByRole("table", { name: "Findings by subject" });
    expect((await answers.getByRole("rowheader").allInnerTexts()).length).toBeGreaterThanOrEqual(3);
    await page.getByRole("group", { name: /^Digest strip/ }).waitFor();

    // On paper: running title, numbered pages, and what is folded on the screen is open.
    const folded = article.getByText("Deterministic repeats show whether executions are identical").first();
    expect(await folded.isVisible()).toBe(false);
    await page.evaluate("void dispatchEvent(new Event('beforeprint'))");
    await folded.waitFor();
    await page.evaluate("void dispatchEvent(new Event('afterprint'))");
    await folded.waitFor({ state: "hidden" });
    const rules = await page.evaluate<string>("document.querySelector('article style').textContent");
    expect(rules).toMatch(/counter\(page\) " \/ " counter\(pages\)/);
    // Short, it is a page or two.
    const pagesOf = async () =>
      (await page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type ?\/Page\b/g)?.length ??
      0;
    await article.getByText("Short", { exact: true }).click();
    await page
      .getByRole("heading", { name: "Appendix: how was it designed?" })
      .waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("length")).toBe("short");
    expect(await pagesOf()).toBeLessThanOrEqual(3);
    await page.getByRole("button", { name: "Download" }).click();
    const markdown = await downloaded(page, () =>
      page.getByRole("menuitem", { name: "Markdown", exact: true }).click(),
    );
    expect(markdown.content.toString()).toMatch(/^# /);
    expect(markdown.content.toString()).not.toContain("## Appendix");
  });

  it("shows the pictures of the cases that a run on images decided, each its own", async () => {
    const { id } = await e2e.api.createSweep({
      ...{ name: "pictures", dataset: "digits", seeds: [0] },
      base: { model: "cnn", epochs: 1, batchSize: 64, optimizer: "adam", learningRate: 0.05 },
      modes: { nondeterministic: { repeats: 2 } },
    });
    await sweepUntil(e2e.api, e2e.url, id);
    const [run] = await e2e.api.runs(id);
    const page = await e2e.open(`/runs/${run?.id}?view=predictions`);
    const pictures = page.getByRole("img", { name: /^case \d+, true class \d$/ });
    await pictures.first().waitFor();
    const row = rows(page, "Cases").first();
    const [caseId, , label] = await row.getByRole("rowheader").or(row.getByRole("cell")).allInnerTexts();
    await row.getByRole("img", { name: `case ${caseId}, true class ${label}` }).waitFor();
    const some = (await pictures.all()).slice(0, 12);
    const styles = await Promise.all(some.map(async (each) => (await each.getAttribute("style")) ?? ""));
    expect(new Set(styles).size).toBe(styles.length);
    expect(await seriousViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysOverflow(page)).toBe(0);
  });

  it("counts which digits a tiny CLIP takes for which, wide and narrow, and shows the cases of each question", async () => {
    const { id } = await e2e.api.createSweep({
      ...{ name: "digits by their names", task: "contrastive", dataset: "digits", seeds: [0] },
      base: { model: "clip", width: 16, layers: 1, heads: 2, embedDim: 16, contextLength: 24, epochs: 1 },
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
      resources: { threads: 2, ranks: 4 },
    });
    expect((await sweepUntil(e2e.api, e2e.url, id)).status).toBe("succeeded");
    const page = await e2e.open(`/sweeps/${id}`);
    const section = page.getByRole("region", { name: "Which classes are confused with which?" });
    const matrix = section.getByRole("region", { name: "Confusion matrix" });
    await page.getByRole("tab", { name: "Zero-shot" }).click();
    await matrix.getByRole("row").nth(10).waitFor();
    const counted = async () => {
      const cells = await matrix.getByRole("cell").allInnerTexts();
      return cells.map(Number).filter(Number.isFinite);
    };
    expect(await counted()).toHaveLength(100);
    const { items } = await e2e.api.call<{ items: Predictions[] }>(
      `/runs/${(await e2e.api.runs(id))[0]?.id}/predictions`,
    );
    const asked = items.find(({ split, question }) => split === "test" && question === "digit");
    expect((await counted()).reduce((a, b) => a + b)).toBe(asked?.ids.length);
    const [low, ...others] = await section
      .getByRole("region", { name: "Recall of every class" })
      .getByRole("row")
      .allInnerTexts();
    expect(low).toMatch(/95 % interval/);
    expect(others).toHaveLength(10);
    await section.getByText("free", { exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("arm")).toBe("free");
    expect(await seriousViolations(page)).toEqual([]);
    const { content, name } = await downloaded(page, () =>
      section.getByRole("link", { name: "Classes confused with one another as CSV" }).click(),
    );
    expect(name).toMatch(/confusions/);
    expect(content.toString()).toMatch(/^question,configuration,seed,arm,class,cases,givenAs_0/);
    await page.setViewportSize({ width: 390, height: 844 });
    // Charts are drawn again for the new width.
    await expect.poll(() => sidewaysOverflow(page)).toBe(0);

    const run = (await e2e.api.runs(id))[0];
    await page.goto(`${e2e.url}/runs/${run?.id}?view=predictions`);
    await page.getByRole("combobox", { name: "Split and question" }).selectOption({ label: "test · loop" });
    await page
      .getByRole("img", { name: /^case \d+, true class (no )?loop$/ })
      .first()
      .waitFor();
  });
});
