import { referenceList } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { mostShift, shiftsOf, watchShifts } from "../support/shifts.js";
import { tour, tourParts } from "../support/tour.js";

describe.each([
  { width: 1440, first: "light", second: "dark" },
  { width: 390, first: "dark", second: null },
] as const)("every page and every view of it at $width px in $first", ({ width, first, second }) => {
  const e2e = useE2e();
  let stops = 0;

  // A test for each part: axe takes seconds for a page, and many more on a busy machine.
  it.each(tourParts)(
    "has no serious fault for axe, and nothing moves while it loads: %s",
    async (tourPart) => {
      const { sweep, runs } = await e2e.study();
      const [run, other] = runs.filter(({ arm }) => arm === "free");
      const papers = referenceList.parse(await e2e.api.call("/references")).items.map(({ name }) => name);
      const page = await e2e.open("/", {
        viewport: { width, height: 844 },
        colorScheme: first,
        reducedMotion: "reduce",
      });
      await watchShifts(page);
      const faults: Record<string, unknown> = {};
      const toured = { sweepId: sweep.id, runId: run?.id ?? "", otherRunId: other?.id ?? "", papers };
      for await (const { name, part } of tour(page, e2e.url, toured, [tourPart])) {
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
        const moved = part ? null : await shiftsOf(page);
        const isStill = (moved?.sum ?? 0) < mostShift;
        if (found.length > 0 || overflow > 0 || !isStill)
          faults[name] = { found, overflow, ...(isStill ? {} : { moved }) };
      }
      expect(faults).toEqual({});
    },
  );

  it("was everywhere", () => {
    expect(stops).toBeGreaterThan(34);
  });
});
