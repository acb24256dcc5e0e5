import { referenceList } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { tour } from "../support/tour.js";

describe("every page and every view of it", () => {
  const e2e = useE2e();

  it.each([
    { width: 1440, first: "light", second: "dark" },
    { width: 390, first: "dark", second: null },
  ] as const)("has no serious fault for axe at $width px in $first", async ({ width, first, second }) => {
    const { sweep, runs } = await e2e.study();
    const [run, other] = runs.filter(({ arm }) => arm === "free");
    const papers = referenceList.parse(await e2e.api.call("/references")).items.map(({ name }) => name);
    const page = await e2e.open("/", {
      viewport: { width, height: 844 },
      colorScheme: first,
      reducedMotion: "reduce",
    });
    const faults: Record<string, unknown> = {};
    let stops = 0;
    const toured = { sweepId: sweep.id, runId: run?.id ?? "", otherRunId: other?.id ?? "", papers };
    for await (const { name, part } of tour(page, e2e.url, toured)) {
      stops++;
      // What is said of the parts and their colours is that of the wide page; on a narrow one more of them scroll.
      const found = second
        ? await seriousViolations(page, { part })
        : await seriousViolations(page, { part, rules: ["scrollable-region-focusable"] });
      if (second) {
        await page.emulateMedia({ colorScheme: second });
        found.push(...(await seriousViolations(page, { part, rules: ["color-contrast"] })));
        await page.emulateMedia({ colorScheme: first });
      }
      const overflow = await sidewaysOverflow(page);
      if (found.length > 0 || overflow > 0) faults[name] = { found, overflow };
    }
    expect(faults).toEqual({});
    expect(stops).toBeGreaterThan(34);
  });
});
