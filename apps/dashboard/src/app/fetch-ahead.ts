import type { AnyRoute, AnyRouter } from "@tanstack/react-router";
import { linePanelScript } from "../shared/charts/lazy-line-panel.js";
import { overlayScripts } from "./overlay-scripts.js";

/** The first page has the browser to itself for so long: its figures come before the scripts of other pages. */
const firstPageMs = 4_000;
/** After this the browser fetches even if it never was idle. */
const patienceMs = 5_000;

const whenIdle = (act: () => void) =>
  setTimeout(() => {
    if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: patienceMs });
    else act();
  }, firstPageMs);

/**
 * Fetches the scripts of all other pages, and of what they draw with, once the first one is there and the browser has nothing to do: a page that is open
 * stays whole, palette and all, while the server is restarted.
 */
export function fetchAhead(router: AnyRouter): void {
  const unsubscribe = router.subscribe("onRendered", () => {
    unsubscribe();
    whenIdle(() => {
      const scripts: unknown[] = [
        ...Object.values<AnyRoute>(router.routesById).map((route) => router.loadRouteChunk(route)),
        linePanelScript(),
        ...Object.values(overlayScripts).map((fetchScript) => fetchScript()),
      ];
      // What cannot be fetched now is asked for again when it is wanted.
      for (const script of scripts) Promise.resolve(script).catch(() => {});
    });
  });
}
