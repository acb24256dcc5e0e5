import { createServer } from "node:http";
import { webhookMessage } from "@reprise/contracts";
import { describe, expect, it, onTestFinished } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

describe("around the pages", () => {
  const e2e = useE2e();

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
    await page.keyboard.type("shared stu");
    await page.getByRole("option", { name: /Sweep\s*shared study/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: sweep.name }).waitFor();
    await command.waitFor({ state: "detached" });

    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "New sweep" }).waitFor();
    // Letters that are typed into a field are letters.
    await page.getByLabel("Name", { exact: true }).focus();
    await page.keyboard.type("gw");
    expect(new URL(page.url()).pathname).toBe("/sweeps/new");
  });

  it("makes a token that is shown once, and a webhook that reaches a real server", async () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => received.push(chunk.toString()));
      request.on("end", () => response.end());
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
    await page.getByText(/Delivered: test message.*first try, answered 200/).waitFor();
    expect(webhookMessage.parse(JSON.parse(received.join("")))).toMatchObject({
      event: "test",
      url: e2e.url,
    });
    expect(await seriousViolations(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);

    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: "Remove the webhook" }).click();
    await page.getByText("Nobody yet.").waitFor();
  });
});
