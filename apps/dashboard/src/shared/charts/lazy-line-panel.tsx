import { lazy } from "react";

const load = () => import("./line-panel.js").then((module) => ({ default: module.LinePanel }));

// Fetched beside the page that will need it, not after its data has come; a failure shows when it is drawn.
load().catch(() => undefined);

/** The Recharts panel, in a chunk of its own. */
export const LinePanel = lazy(load);
