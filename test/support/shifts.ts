import type { Page } from "playwright-core";

/** What of a page may move by itself while it loads, by the measure of Web Vitals (CLS); a tenth is what they call good. */
export const mostShift = 0.05;

const watcher = `{
  const moved = { sum: 0, what: [] };
  const name = ({ nodeName, className, textContent }) =>
    nodeName + "." + String(className).slice(0, 40) + " " + (textContent ?? "").slice(0, 30);
  const take = (entries) => {
    for (const entry of entries) {
      if (entry.hadRecentInput) continue;
      moved.sum += entry.value;
      if (entry.value > 0.004) moved.what.push(entry.value.toFixed(3) + " " + entry.sources.map(({ node }) => (node ? name(node) : "?")).join(" | "));
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  // Whoever prints has read; what far parts draw for it moves nothing that was seen.
  window.addEventListener("beforeprint", () => { take(observer.takeRecords()); observer.disconnect(); }, { capture: true });
  window.moved = moved;
}`;

/** Has every page that is opened from now on tell how far it moves. */
export const watchShifts = (page: Page): Promise<unknown> => page.addInitScript(watcher);

/** How far what stood in the window moved by itself until now, or until the page was printed; and what moved. */
export const shiftsOf = (page: Page): Promise<{ sum: number; what: string[] }> =>
  page.evaluate("window.moved");
