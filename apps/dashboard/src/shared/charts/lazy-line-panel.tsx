import { lazy } from "react";

const load = () => import("./line-panel.js").then((module) => ({ default: module.LinePanel }));

/** The Recharts panel, in a chunk of its own. */
export const LinePanel = lazy(load);
