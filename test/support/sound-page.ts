import type { Page } from "playwright-core";
import { expect } from "vitest";
import { seriousViolations, sidewaysOverflow } from "./e2e.js";
import { settled } from "./tour.js";

/** Expects a page to be no wider than its window and without a serious violation, on a desk and a phone, light and dark. */
export async function expectSoundEverywhere(page: Page): Promise<void> {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    // The page is laid out anew after that.
    await expect.poll(() => sidewaysOverflow(page)).toBe(0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      expect(await seriousViolations(page)).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
