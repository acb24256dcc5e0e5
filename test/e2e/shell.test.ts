import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { webhookMessage } from "@reprise/contracts";
import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

describe("around the pages", () => {
  const e2e = useE2e();

  it("asks again for the script of a chart that could not be fetched while the server was away", async () => {
    const { runs } = await e2e.study();
    const page = await e2e.open("/workers", { outage: true });
    await page.route(/\/assets\/line-panel-.*\.js$/, (route) => route.abort(), { times: 1 });
    const refused = page.waitForEvent("requestfailed", (request) => request.url().includes("line-panel"));
    await page.goto(`/runs/${runs[0]?.id}`);
    await refused;
    await page.locator(".recharts-surface").first().waitFor();
  });

  it("is used by keyboard alone: skip link, palette, shortcuts, digest strip", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open("/workers");
    await page.getByRole("heading", { name: "Workers" }).waitFor();
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate("document.activeElement?.textContent ?? ''");
    expect(await focused()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement?.id")).toBe("main");

    await page.keyboard.press("Control+k");
    const command = page.getByRole("combobox", { name: "Command" });
    await command.waitFor();
    // The input keeps the focus and says which option is the active one.
    const active = () =>
      page.evaluate(
        "document.getElementById(document.activeElement?.getAttribute('aria-activedescendant'))?.textContent",
      );
    await expect.poll(active).toMatch(/Sweeps/);
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: /New sweep/, selected: true }).waitFor();
    expect(await active()).toMatch(/New sweep/);
    for (const [typed, found] of [
      ["test sensitivity", /^Metric.*sensitivity/],
      ["learningrate", /^Hyperparameter\s*learningRate/],
      ["webhooks", /^Setting\s*Webhooks/],
      ["placebo", /^Word\s*placebo/],
    ] as const) {
      await command.fill(typed);
      await page.getByRole("option", { name: found }).first().waitFor();
    }
    await command.fill("");
    await page.keyboard.type("shared stu");
    await page.getByRole("option", { name: /Sweep\s*shared study/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: sweep.name }).waitFor();
    await command.waitFor({ state: "detached" });

    // One tab stop for all squares; arrows move among them, Enter opens the run.
    const square = page.getByRole("group", { name: /^Digest strip/ }).getByRole("link");
    await square.first().waitFor();
    const isSquare = () => page.evaluate("document.activeElement?.hasAttribute('data-run') ?? false");
    for (let presses = 0; presses < 60 && !(await isSquare()); presses++) await page.keyboard.press("Tab");
    expect(await isSquare()).toBe(true);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowDown");
    // A word of the glossary says what it means where it stands.
    await page.getByRole("link", { name: "digest", exact: true }).first().hover();
    await page
      .getByRole("tooltip")
      .getByText(/^A fingerprint of numbers/)
      .waitFor();
    const name = String(await page.evaluate("document.activeElement?.getAttribute('aria-label')"));
    expect(name).toMatch(/^SGD, seed 42, free 3: digest /);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await page
      .getByRole("heading", { name: /free 3/ })
      .first()
      .waitFor();

    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "New sweep" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.getByRole("heading", { name: "Glossary" }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.goBack();
    await page.getByRole("heading", { name: "New sweep" }).waitFor();
    // Letters that are typed into a field are letters.
    await page.getByLabel("Name", { exact: true }).focus();
    await page.keyboard.type("gw");
    expect(new URL(page.url()).pathname).toBe("/sweeps/new");
  });

  it("turns dark when asked, and stays so", async () => {
    const page = await e2e.open("/workers", { colorScheme: "light" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.getByRole("menuitem", { name: "Dark" }).click();
    await page.getByRole("button", { name: /^Theme.*dark/ }).waitFor();
    await expect.poll(background).not.toBe(light);
    const dark = await background();
    await page.reload();
    await page.getByRole("button", { name: /^Theme.*dark/ }).waitFor();
    expect(await background()).toBe(dark);
  });

  it("keeps what it shows while the network is away, says how old it is, and heals by itself", async () => {
    const { sweep, runs } = await e2e.study();
    const page = await e2e.open("/", { outage: true });
    const card = page.getByRole("link", { name: sweep.name });
    await card.first().waitFor();
    // An open page fetches the scripts of the others ahead.
    const scripts = () =>
      page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name).join()");
    await expect
      .poll(scripts, { timeout: 60_000 })
      .toMatch(/run-page.*command-palette|command-palette.*run-page/);
    await page.context().setOffline(true);
    await page.getByText("The server does not answer.").waitFor();
    await page.getByText(/What you see is from/).waitFor();
    await card.first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    // What was never read cannot be shown: said in its place, with what to do.
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).fill(runs[0]?.id ?? "");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByRole("tab", { name: "Metrics" }).waitFor();
    await page.getByText("The server does not answer.").first().waitFor({ state: "detached" });
  });

  it("says that a sweep or a run is not there", async () => {
    const page = await e2e.open(`/sweeps/${crypto.randomUUID()}`, { refusals: [404] });
    await page.getByRole("alert").first().waitFor();
    await page.goto(`/runs/${crypto.randomUUID()}`);
    await page.getByRole("alert").first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  it("archives a sweep that has ended, finds it again, and deletes it once its name is typed", async () => {
    const name = "made by mistake";
    const spec = { name, trainer: "external", dataset: "slides", base: { model: "resnet" } };
    const { id } = await e2e.api.createSweep(spec);
    await e2e.api.call(`/sweeps/${id}/cancel`, {});
    const page = await e2e.open(`/sweeps/${id}`);
    const menu = page.getByRole("button", { name: "More actions" });
    await menu.click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await page.getByText("The list of sweeps shows it under").waitFor();
    await page.goto(`/?name=${encodeURIComponent(name)}`);
    await page.getByText("No sweep matches.").waitFor();
    await page.getByRole("combobox", { name: "Archived or not" }).selectOption("archived");
    await page.getByRole("link", { name }).first().click();
    await menu.click();
    await page.getByRole("menuitem", { name: "Unarchive" }).waitFor();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    const asked = page.getByRole("dialog", { name: "Delete this sweep?" });
    const confirm = asked.getByRole("button", { name: "Delete the sweep" });
    await asked.getByRole("textbox").fill("made by mistak");
    expect(await confirm.isDisabled()).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    await asked.getByRole("textbox").fill(name);
    await confirm.click();
    await page.getByRole("heading", { name: "Sweeps" }).waitFor();
    const left = await e2e.api.call<{ items: unknown[] }>(
      `/sweeps?name=${encodeURIComponent(name)}&archived=true`,
    );
    expect(left.items).toEqual([]);
  });

  it("makes a token that is shown once, and a webhook that reaches a real server", async () => {
    const received: unknown[] = [];
    const receiver = createServer(async (request, response) => {
      received.push(await json(request));
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => receiver.close(() => resolve())));
    const address = receiver.address();
    const port = typeof address === "object" && address ? address.port : 0;

    const page = await e2e.open("/settings", { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    await page.getByLabel("New token for").fill("notebook of Ada");
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByText("Copy it now: it is not shown again.").waitFor();
    await page.getByRole("rowheader", { name: "notebook of Ada" }).waitFor();

    await page.getByLabel("Name", { exact: true }).fill("lab channel");
    await page.getByLabel("Read by").selectOption("generic");
    await page.getByLabel("Address").fill(`http://127.0.0.1:${port}/secret-path`);
    await page.getByRole("button", { name: "Add the webhook" }).click();
    await page.getByText(`at 127.0.0.1:${port}`).waitFor();
    expect(await page.getByText("secret-path").count()).toBe(0);
    await page.getByRole("button", { name: "Send a test" }).click();
    // Studies of other tests may end meanwhile, which is told, too.
    await page.getByText(/Delivered: .*first try, answered 200/).waitFor();
    await expect
      .poll(() => received.map((message) => webhookMessage.parse(message)))
      .toContainEqual(expect.objectContaining({ event: "test", url: e2e.url }));
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);

    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: "Remove the webhook" }).click();
    await page.getByText("No one yet.").waitFor();
  });
});
