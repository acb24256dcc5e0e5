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

const references = createRoute({
  getParentRoute: () => rootRoute,
  path: "/references",
  component: lazyRouteComponent(() => import("../features/references/references-page.js"), "ReferencesPage"),
});

const reference = createRoute({
  getParentRoute: () => rootRoute,
  path: "/references/$paper",
  component: lazyRouteComponent(() => import("../features/references/reference-page.js"), "ReferencePage"),
});

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("../features/audit/audit-page.js"), "AuditPage"),
});

const report = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sweeps/$sweepId/report",
  validateSearch: z.object({ metric: text, length: z.enum(["", "short"]).default("").catch("") }),
  search: { middlewares: [stripSearchParams({ metric: "", length: "" } as const)] },
  component: lazyRouteComponent(() => import("../features/report/report-page.js"), "ReportPage"),
});

/** Pages that show and weigh what runs came to. */
export const evidenceRoutes = [runs, compare, references, reference, audit, report] as const;
