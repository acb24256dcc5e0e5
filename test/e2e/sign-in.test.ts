import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const token = "a token of the lab, long enough";

describe("a server that asks for a token", () => {
  const e2e = useE2e();

  it("lets nobody see anything before the right one, and nothing after signing out", async () => {
    const data = dataFolder();
    onTestFinished(data.remove);
    const words = ["--data", data.path, "--demo", "none", "--no-worker", "--port", "4600"];
    const server = await startReprise(words, { REPRISE_TOKEN: token });
    onTestFinished(async () => void (await server.stop()));

    const page = await e2e.open(`${server.url}/workers`, { refusals: [401], reducedMotion: "reduce" });
    const field = page.getByLabel("Token", { exact: true });
    await field.waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    expect(await seriousViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);

    await field.fill("a guess that is long enough");
    await page.keyboard.press("Enter");
    await page.locator("#main [class*=error]").first().waitFor();
    await field.fill(token);
    await page.keyboard.press("Enter");
    // The page that was asked for, not the first one.
    await page.getByRole("heading", { name: "Workers" }).waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
    expect(await seriousViolations(page)).toEqual([]);

    // A server without studies says what to do first.
    const main = page.getByRole("navigation", { name: "Main" });
    await main.getByRole("link", { name: "Sweeps" }).click();
    await page.getByRole("button", { name: "Launch the quickstart" }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await seriousViolations(page, { rules: ["color-contrast"] })).toEqual([]);

    await page.setViewportSize({ width: 1440, height: 900 });
    await main.getByRole("link", { name: "Settings" }).click();
    await page.getByText("with the role admin").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await field.waitFor();
    await page.goto(`${server.url}/settings`);
    await field.waitFor();
    const refused = await fetch(`${server.url}/api/v1/sweeps`);
    expect(refused.status).toBe(401);
  });
});
