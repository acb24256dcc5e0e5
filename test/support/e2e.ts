import { buffer } from "node:stream/consumers";
import type { Run, Sweep } from "@reprise/contracts";
import axe, { type AxeResults, type RunOptions } from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from "vitest";
import { type Api, apiAt, sweepUntil } from "./api.js";
import type { E2eServer } from "./e2e-server.js";

type OpenOptions = BrowserContextOptions & {
  /** The test stops the server: requests that find nobody there are no complaint. */
  outage?: boolean;
  /** The test asks for what is not there, or is not let in: answers with these numbers are no complaint. */
  refusals?: readonly number[];
};

export type E2e = {
  url: string;
  api: Api;
  server: E2eServer;
  /** A page of its own browser context, at `path`. It is closed, and must be without complaints, when the test ends. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** The shared study, once all its runs have ended. Only for looking at: make your own to change one. */
  study(): Promise<{ sweep: Sweep; runs: Run[] }>;
};

/**
 * To be called once in a `describe`. Connects to the server and the browser that all files share, and fails every test
 * in which a page wrote an error or a warning to its console or threw.
 */
export function useE2e(): E2e {
  const given = inject("e2e");
  const server: E2eServer = "missing" in given ? { url: "", browser: "", studyId: "" } : given;
  const api = apiAt(server.url);
  const contexts: BrowserContext[] = [];
  let complaints: string[] = [];
  let browser: Browser | undefined;
  let study: Promise<{ sweep: Sweep; runs: Run[] }> | undefined;

  beforeAll(async () => {
    if (!("missing" in given)) browser = await chromium.connect(server.browser);
  });
  beforeEach(({ skip }) => {
    if ("missing" in given) skip(given.missing);
    complaints = [];
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints, "console errors, warnings and exceptions of the page").toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  return {
    url: server.url,
    api,
    server,
    async open(path, { outage = false, refusals = [], ...options } = {}) {
      if (!browser) throw new Error("open is for use within a test");
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        baseURL: server.url,
        ...options,
      });
      // Generous, because a busy machine trains slowly; whatever is waited for comes by an event.
      context.setDefaultTimeout(60_000);
      contexts.push(context);
      const page = await context.newPage();
      page.on("console", (message) => {
        if (!["error", "warning"].includes(message.type())) return;
        if (outage && /net::ERR_|502|503/.test(message.text())) return;
        if (refusals.some((status) => message.text().includes(`responded with a status of ${status}`)))
          return;
        complaints.push(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
      await page.goto(path);
      return page;
    },
    study() {
      study ??= (async () => {
        const sweep = await sweepUntil(api, server.url, server.studyId);
        expect(sweep.status).toBe("succeeded");
        return { sweep, runs: await api.runs(sweep.id) };
      })();
      return study;
    },
  };
}

/**
 * Violations of serious or critical level that axe finds, one line each: on the whole page or only in a `part` of it, by all
 * rules or only by some.
 */
export async function seriousViolations(
  page: Page,
  { part, rules }: { part?: string; rules?: string[] } = {},
): Promise<string[]> {
  // Handed over once per page: that took longer than most of the rules.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  // Only violations are read: naming every element that passes took longer than the rules themselves.
  const options: RunOptions = {
    resultTypes: ["violations"],
    ...(rules ? { runOnly: { type: "rule", values: rules } } : {}),
  };
  const asked = `axe.run(${part ? JSON.stringify(part) : "document"}, ${JSON.stringify(options)})`;
  const { violations } = await page.evaluate<AxeResults>(asked);
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

/** What the browser downloads when `act` is done. */
export async function downloaded(
  page: Page,
  act: () => Promise<void>,
): Promise<{ name: string; content: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), content: await buffer(await download.createReadStream()) };
}
