import type { Preset } from "@reprise/contracts";
import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { sweepUntil } from "../support/api.js";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

describe("launching a study", () => {
  const e2e = useE2e();

  it("launches a preset made smaller in the form, live to its verdict, on a page that is never loaded again", async () => {
    const page = await e2e.open("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "New sweep" }).click();
    await page.getByRole("button", { name: /^Quickstart/ }).click();
    await page.getByRole("button", { name: "Launch 28 runs", disabled: false }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("small quickstart");
    await page.getByLabel("epochs", { exact: true }).fill("6");
    await page.getByLabel("Repeats of free").fill("3");
    await page.getByRole("button", { name: "Launch 20 runs", disabled: false }).waitFor();

    // The answer for the next text is held back: nothing can be launched on the count of the former one.
    let hold: ((route: Route) => void) | null = null;
    const asked = new Promise<Route>((resolve) => {
      hold = resolve;
    });
    await page.route("**/sweeps/preview", (route) => {
      // A slow page may still ask for a former text.
      const isNext = /"seeds":\s*\[\s*42\s*\]/.test(route.request().postData() ?? "");
      if (!isNext || hold === null) return route.continue();
      hold(route);
      hold = null;
    });
    await page.getByLabel("Seeds", { exact: true }).fill("42");
    const launch = page.getByRole("button", { name: /^(Launch|Counting)/ });
    expect(await launch.textContent()).toBe("Counting the runs …");
    const held = await asked;
    await launch.dispatchEvent("click");
    expect(await launch.textContent()).toBe("Counting the runs …");
    expect(new URL(page.url()).pathname).toBe("/sweeps/new");
    await held.continue();
    await page.getByRole("button", { name: "Launch 10 runs", disabled: false }).click();

    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    await page.evaluate("window.neverLoadedAgain = true");
    await page.getByRole("heading", { name: "small quickstart" }).waitFor();
    await page.getByText("Connection: live", { exact: true }).waitFor();
    // Five sentences lead over the first study, until they are dismissed.
    const guide = page.getByRole("complementary", { name: "Your first study" });
    await guide.getByRole("listitem").nth(4).waitFor();
    await guide.getByRole("button", { name: "Dismiss the guide" }).click();
    await guide.waitFor({ state: "detached" });
    expect(await page.evaluate("localStorage.getItem('reprise.first-study')")).toBe("dismissed");
    await page.getByText(/^[1-9] \/ 10 ended/).waitFor();
    await page.getByText("10 / 10 ended").waitFor({ timeout: 200_000 });
    const verdict = page.getByRole("region", { name: /happen again/ });
    await verdict
      .getByText(/bit-identical|bit for bit|equal digests/i)
      .first()
      .waitFor();
    // One square a run, each with its own end; fixed-order rows are of one digest, which a free run may happen to share.
    const strip = page.getByRole("group", { name: /^Digest strip/ });
    await expect.poll(() => strip.getByRole("link", { name: /: digest / }).count()).toBe(10);
    const equal = strip.getByRole("link", { name: /det \d: digest [A-Z] .*equal to \d more of its row/ });
    await expect.poll(() => equal.count()).toBe(4);
    expect(await page.evaluate("window.neverLoadedAgain")).toBe(true);
    const { preset, runCounts } = await e2e.api.sweep(page.url().split("/").at(-1) ?? "");
    expect({ preset, succeeded: runCounts.succeeded }).toEqual({ preset: "quickstart", succeeded: 10 });
  });

  it("makes a grid in the form, says what it costs and could show, and copies it", async () => {
    await e2e.study();
    const page = await e2e.open("/sweeps/new");
    await page.getByLabel("Name", { exact: true }).fill("from the form");
    const seeds = page.getByLabel("Seeds", { exact: true });
    const counted = page.getByRole("complementary", { name: "Preview" });
    for (const [typed, runs] of [
      ["0-4", 70],
      ["0 1 2", 42],
      ["0..2, 9", 56],
    ] as const) {
      await seeds.fill(typed);
      await counted.getByText(`${runs} runs`, { exact: true }).waitFor();
    }
    // What cannot be read stays where it was typed, with a word about it, also when the focus leaves.
    await seeds.fill("0-2, nine");
    await seeds.blur();
    await page.getByRole("textbox", { name: "Seeds", description: /"nine" is not a seed/ }).waitFor();
    expect(await seeds.inputValue()).toBe("0-2, nine");
    await seeds.fill("7 8");
    await page.getByRole("button", { name: "Five more" }).click();
    expect(await seeds.inputValue()).toBe("7 8, 9-13");
    await seeds.fill("7 8");
    await seeds.blur();
    expect(await seeds.inputValue()).toBe("7 8");
    // What all runs share can be varied, and is shared again when it is not.
    await page.getByRole("button", { name: "Vary learningRate" }).click();
    await expect
      .poll(() => page.getByLabel("learningRate", { exact: true }).inputValue())
      .toBe("0.01, 0.003, 0.03");
    await page.getByRole("button", { name: "Stop varying learningRate" }).click();
    await page.getByRole("button", { name: "Vary learningRate" }).waitFor();
    await page.getByRole("button", { name: "Remove arm det" }).click();
    await page.getByRole("button", { name: "Add the arm det" }).click();
    await page.getByLabel("Repeats of det").waitFor();
    // Momentum has an effect with SGD only: with Adam alone it cannot be asked for.
    const vary = page.getByRole("combobox", { name: "Vary a hyperparameter" });
    await page.getByLabel("optimizer", { exact: true }).fill("adam");
    await vary.click();
    expect(await page.getByRole("option", { name: /^momentum/ }).count()).toBe(0);
    await vary.fill("momen");
    await page
      .getByRole("option", { name: /^momentum.*used only with optimizer sgd/, disabled: true })
      .waitFor();
    await vary.press("Escape");
    await page.getByLabel("optimizer", { exact: true }).fill("adam, sgd");
    await vary.fill("decay");
    await page.getByRole("option", { name: /^weightDecay/ }).click();
    const decay = page.getByRole("listitem").filter({ hasText: "weightDecay" });
    await decay.getByText("Range", { exact: true }).click();
    await decay.getByLabel("From of weightDecay").fill("0.5");
    await decay.getByText("must be above the lower end").waitFor();
    await decay.getByLabel("From of weightDecay").fill("0.0001");
    await decay.getByLabel("To of weightDecay").fill("0.01");
    await page.getByText("Between repeats vary").click();
    await page.getByLabel("Data order").check();

    const preview = page.getByRole("complementary", { name: "Preview" });
    // Two optimizers × three values of the range × two seeds × (2 + 5).
    await preview.getByText("84 runs", { exact: true }).waitFor();
    await preview.getByText(/queue empty|behind \d+ runs?/).waitFor();
    await preview.getByText(/from \d+ earlier runs of the same model/).waitFor();
    await preview
      .getByText(/With 5 repeats you can detect a shift of/)
      .first()
      .waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByText("YAML", { exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Sweep as YAML" });
    const written = async () => (await editor.locator(".cm-line").allTextContents()).join("\n");
    await editor.waitFor();
    expect(await written()).toMatch(
      /weightDecay: \{ min: 0\.0001, max: 0\.01, scale: log, integer: false, steps: 3 \}/,
    );
    // Looked at, not trained.
    await page.getByRole("button", { name: "Launch 84 runs" }).click();
    await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
    const id = page.url().split("/").at(-1) ?? "";
    await e2e.api.call(`/sweeps/${id}/cancel`, {});
    const { spec } = await e2e.api.sweep(id);
    expect(spec).toMatchObject({ name: "from the form", seeds: [7, 8], noise: { dataOrder: "varied" } });

    await page.getByRole("link", { name: "Copy" }).click();
    await page.getByLabel("Name", { exact: true }).waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("from the form (copy)");
    await preview.getByText("84 runs", { exact: true }).waitFor();

    await page.getByRole("switch", { name: "Add seeds until the question is settled" }).check();
    await page.getByLabel("Looks", { exact: true }).selectOption("planned");
    await page.getByLabel("Numbers of seeds").fill("5, 10, 20");
    await page.getByLabel("Stop when").selectOption("difference,equivalence");
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByText("YAML", { exact: true }).click();
    await expect
      .poll(written)
      .toContain(
        "design: { method: sequential, maxSeeds: 20, looks: [ 5, 10, 20 ], settle: [ difference, equivalence ] }",
      );
  });

  it("tells a mistake at its field, and leads to the first one instead of launching", async () => {
    const page = await e2e.open("/sweeps/new");
    const name = page.getByLabel("Name", { exact: true });
    await page.getByLabel("epochs", { exact: true }).fill("0");
    const launch = page.getByRole("button", { name: /^Launch/, disabled: true });
    await launch.waitFor();
    // By the pointer, which a button that only says so does not refuse.
    await launch.dispatchEvent("click");
    const epochs = page.getByRole("textbox", { name: "epochs", description: /must be at least 1/ });
    expect(await epochs.evaluate((field) => field.matches(":focus"))).toBe(true);
    await name.fill("");
    await page.getByRole("textbox", { name: "Name", description: /must not be empty/ }).waitFor();
    await launch.dispatchEvent("click");
    expect(await name.evaluate((field) => field.matches(":focus"))).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    expect(new URL(page.url()).pathname).toBe("/sweeps/new");
  });

  it("opens three roads, each with its design, its cost and what it could see", async () => {
    await e2e.study();
    const page = await e2e.open("/sweeps/new");
    const preview = page.getByRole("complementary", { name: "Preview" });
    for (const [question, runs, sight, seen] of [
      [
        /^Is my result repeatable/,
        48,
        /It usually detects shifts of/,
        /With 10 repeats you can detect a shift/,
      ],
      [
        /^Which configuration is better/,
        20,
        /It usually detects differences of/,
        /difference of .* between two/,
      ],
      [/^What moves the metric/, 40, /seeds whose SD is at least \d\.\d times/, /detect that seeds differ/],
    ] as const) {
      const road = page.getByRole("button", { name: question });
      await road.getByText(sight).waitFor();
      expect(await road.textContent()).toContain(`${runs} runs`);
      await road.click();
      await preview.getByText(`${runs} runs`, { exact: true }).waitFor();
      await preview.getByText(seen).first().waitFor();
      expect(await road.getAttribute("aria-pressed")).toBe("true");
    }
    // The menu has what a table of two classes can have; what is typed finds the rest.
    const metric = page.getByRole("combobox", { name: "Primary metric" });
    await metric.click();
    await page
      .getByRole("option", { name: /sensitivity/ })
      .first()
      .waitFor();
    expect(await page.getByRole("option", { name: /zero-shot/ }).count()).toBe(0);
    await metric.fill("zero-shot");
    await page.getByText("not reported by task classification").first().waitFor();
    await metric.press("Escape");
    expect(await seriousViolations(page)).toEqual([]);
  });

  it("keeps a draft over Back, a reload and another beginning", async () => {
    const page = await e2e.open("/sweeps/new");
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("half a study");
    await page.getByLabel("Seeds", { exact: true }).fill("3-5");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Workers" }).click();
    await page.getByRole("heading", { name: "Workers", level: 1 }).waitFor();
    await page.goBack();
    await expect.poll(() => name.inputValue()).toBe("half a study");
    await page.reload();
    await expect.poll(() => name.inputValue()).toBe("half a study");
    expect(await page.getByLabel("Seeds", { exact: true }).inputValue()).toBe("3-5");

    await page.getByRole("button", { name: /^Quickstart/ }).click();
    await page.getByRole("status").getByText("half a study").waitFor();
    expect(await name.inputValue()).not.toBe("half a study");
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Continue it" }).click();
    expect(await name.inputValue()).toBe("half a study");
    await page.getByRole("button", { name: "Continue it" }).waitFor({ state: "detached" });
  });

  it("shows a study of several sweeps as one card with its parts", async () => {
    const page = await e2e.open("/sweeps/new", { viewport: { width: 390, height: 844 } });
    await page.getByRole("button", { name: /5 sweeps, 174 runs/ }).click();
    await page.getByRole("button", { name: "Launch all 5 sweeps, 174 runs" }).waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.getByRole("button", { name: /^Look and edit: Laptop study, part C/ }).click();
    await page.getByRole("button", { name: "Launch 10 runs" }).waitFor();
  });

  it("says what a preset does otherwise than the published study, in the gallery and in the report", async () => {
    const name = "cuda-randomness/cifar10-built-in";
    const { deviations, source } = await e2e.api.call<Preset>(`/presets/${name}`);
    const listed = async (page: Page) => {
      const table = page.getByRole("region", { name: "Deviations from the published study" });
      await table.waitFor();
      const rows = await table.locator("tbody tr").all();
      return Promise.all(rows.map((row) => row.locator("th, td").allTextContents()));
    };
    const expected = deviations.map(({ what, paper, here }) => [what, paper, here]);
    const page = await e2e.open(`/sweeps/new?preset=${name}`);
    expect(await listed(page)).toEqual(expected);
    await page.getByText(`Source for the published study: ${source}.`).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysOverflow(page)).toBe(0);

    const { id } = await e2e.api.call<{ id: string }>(`/sweeps?preset=${encodeURIComponent(name)}`, {
      ...{ name: "small, from a published study", dataset: "wdbc", base: { model: "mlp", epochs: 1 } },
      ...{ seeds: [0], modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 2 } } },
    });
    await sweepUntil(e2e.api, e2e.url, id);
    const report = await e2e.open(`/sweeps/${id}/report`);
    await report.getByRole("heading", { name: "Appendix: what differs from the published study?" }).waitFor();
    expect(await listed(report)).toEqual(expected);
    await report.getByText(/The document was changed afterwards: what is listed as “here”/).waitFor();
  });
});
