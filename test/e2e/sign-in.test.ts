import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const token = "a token of the lab, long enough";

describe("a server that asks for a token", () => {
  const e2e = useE2e();

  it("lets nobody see anything before the right one, and nothing after signing out", async () => {
    const data = dataFolder();
    onTestFinished(data.remove);
    const words = ["--data", data.path, "--no-worker"];
    const server = await startReprise(words, { REPRISE_TOKEN: token });
    onTestFinished(async () => void (await server.stop()));

    const page = await e2e.open("about:blank", { refusals: [401], reducedMotion: "reduce" });
    const refused: string[] = [];
    page.on("response", (answer) => void (answer.status() >= 400 && refused.push(answer.url())));
    await page.goto(`${server.url}/workers`);
    const field = page.getByLabel("Token", { exact: true });
    await field.waitFor();
    // Nobody has guessed anything yet, so there is nothing to complain of.
    await page.waitForLoadState("networkidle");
    expect(refused).toEqual([]);
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
    refused.length = 0;
    await page.getByRole("button", { name: "Sign out" }).click();
    await field.waitFor();
    await page.goto(`${server.url}/settings`);
    await field.waitFor();
    await page.waitForLoadState("networkidle");
    expect(refused).toEqual([]);
    expect((await fetch(`${server.url}/api/v1/sweeps`)).status).toBe(401);
  });
});
