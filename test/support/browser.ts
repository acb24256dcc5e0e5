import { AxeBuilder } from "@axe-core/playwright";
import { findChromium } from "@reprise/cli";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const executablePath = findChromium();

/** Why the browser tests cannot run here; null when they can. */
export const chromiumMissing =
  executablePath === null
    ? "no Chromium was found (Debian: apt-get install chromium; or set CHROMIUM_PATH)"
    : null;

/** The system's Chromium, without its own calls home. */
export function launchBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error(chromiumMissing ?? "");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export type WatchedPage = {
  page: Page /** Console errors and warnings, and uncaught exceptions, so far. */;
  complaints: string[];
};

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  return { page, complaints };
}

/** Violations of serious or critical level that axe finds, one line each. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
    );
}

/** How far the page reaches beyond the right edge of the window, in pixels. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
