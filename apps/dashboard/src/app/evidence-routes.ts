import { createRoute, lazyRouteComponent, stripSearchParams } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "./root-route.js";

const text = z.string().default("").catch("");

const runsDefaults = {
  sweep: "",
  status: "",
  filter: "",
  metric: "",
  value: "",
  by: "",
  sort: "",
  columns: "",
  pinned: "configurationLabel",
};
const runs = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  validateSearch: z.object({
    sweep: text,
    status: text,
    filter: text,
    metric: text,
    value: text,
    by: text,
    sort: text,
    columns: text,
    pinned: z.string().default(runsDefaults.pinned).catch(runsDefaults.pinned),
  }),
  search: { middlewares: [stripSearchParams(runsDefaults)] },
  component: lazyRouteComponent(() => import("../features/runs/runs-page.js"), "RunsPage"),
});

const compareDefaults = { sweep: "", metrics: "", baseline: "", pairing: "", margin: "", groups: [] };
const compare = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  validateSearch: z.object({
    sweep: text,
    metrics: text,
    baseline: text,
    pairing: text,
    margin: text,
    groups: z
      .array(z.object({ name: z.string(), filter: z.string() }))
      .default([])
      .catch([]),
  }),
  search: { middlewares: [stripSearchParams(compareDefaults)] },
  component: lazyRouteComponent(() => import("../features/compare/compare-page.js"), "ComparePage"),
});

/** Pages that show and weigh what runs came to. */
export const evidenceRoutes = [runs, compare] as const;
