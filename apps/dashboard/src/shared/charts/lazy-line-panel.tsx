import { lazy } from "react";
import { fetchedScript } from "../api/fetched-script.js";

export const linePanelScript = () => fetchedScript(() => import("./line-panel.js"));

/** The Recharts panel, in a chunk of its own. */
export const LinePanel = lazy(() => linePanelScript().then((module) => ({ default: module.LinePanel })));
