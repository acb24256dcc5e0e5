import {
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  stripSearchParams,
} from "@tanstack/react-router";
import { z } from "zod";
import { ErrorState, Placeholder } from "../shared/ui/states.js";
import { evidenceRoutes } from "./evidence-routes.js";
import { rootRoute as root } from "./root-route.js";

const sweepsDefaults = { name: "", status: "", tag: "", archived: "" } as const;
const sweeps = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: z.object({
    name: z.string().default("").catch(""),
    status: z.string().default("").catch(""),
    tag: z.string().default("").catch(""),
    archived: z.enum(["", "true"]).default("").catch(""),
  }),
  search: { middlewares: [stripSearchParams(sweepsDefaults)] },
  component: lazyRouteComponent(() => import("../features/sweeps/sweeps-page.js"), "SweepsPage"),
});

/** Whoever shortens the address of a sweep means the list. */
const sweepsByName = createRoute({
  getParentRoute: () => root,
  path: "/sweeps",
  beforeLoad: () => {
    throw redirect({ to: "/" });
  },
});

const newSweep = createRoute({
  getParentRoute: () => root,
  path: "/sweeps/new",
  validateSearch: z.object({
    preset: z.string().optional().catch(undefined),
    from: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import("../features/new-sweep/new-sweep-page.js"), "NewSweepPage"),
});

const noMetrics: string[] = [];
const sweepDefaults = {
  metric: "",
  strip: "",
  curve: noMetrics,
  band: "",
  x: "",
  log: "",
  smooth: "",
  view: "",
  cell: "",
  question: "",
  arm: "",
  words: "",
  roc: "",
  brush: {},
  published: "",
} as const;
const sweep = createRoute({
  getParentRoute: () => root,
  path: "/sweeps/$sweepId",
  validateSearch: z.object({
    metric: z.string().default("").catch(""),
    strip: z.enum(["", "dense", "roomy"]).default("").catch(""),
    /** Metrics of the curves, side by side; a telling one where none is named. */
    curve: z
      .union([z.array(z.string()), z.string().transform((one) => (one === "" ? [] : [one]))])
      .default([])
      .catch([]),
    band: z.enum(["", "sd", "se", "range"]).default("").catch(""),
    x: z.enum(["", "step", "time"]).default("").catch(""),
    log: z.enum(["", "on"]).default("").catch(""),
    smooth: z.string().default("").catch(""),
    view: z.string().default("").catch(""),
    cell: z.string().default("").catch(""),
    /** Evaluation set of a zero-shot study. */
    question: z.string().default("").catch(""),
    /** Whose run the classes are counted of. */
    arm: z.string().default("").catch(""),
    words: z.enum(["", "on", "off"]).default("").catch(""),
    roc: z.enum(["", "whole", "corner"]).default("").catch(""),
    /** Stretches of axes, from 0 to 1. */
    brush: z
      .record(z.string(), z.tuple([z.number(), z.number()]).readonly())
      .default({})
      .catch({}),
    published: z.string().default("").catch(""),
  }),
  search: { middlewares: [stripSearchParams(sweepDefaults)] },
  component: lazyRouteComponent(() => import("../features/sweep/sweep-page.js"), "SweepPage"),
});

const runDefaults = { view: "", split: "", errors: "", beside: "" } as const;
const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: z.object({
    view: z.string().default("").catch(""),
    split: z.string().default("").catch(""),
    errors: z.enum(["", "on"]).default("").catch(""),
    /** The run whose ladder stands beside this one's. */
    beside: z.string().default("").catch(""),
    attempt: z.int().optional().catch(undefined),
  }),
  search: { middlewares: [stripSearchParams(runDefaults)] },
  component: lazyRouteComponent(() => import("../features/run/run-page.js"), "RunPage"),
});

const diff = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId/diff/$otherId",
  component: lazyRouteComponent(() => import("../features/diff/diff-page.js"), "DiffPage"),
});

const importRuns = createRoute({
  getParentRoute: () => root,
  path: "/import",
  component: lazyRouteComponent(() => import("../features/import/import-page.js"), "ImportPage"),
});

const glossary = createRoute({
  getParentRoute: () => root,
  path: "/glossary",
  component: lazyRouteComponent(() => import("../features/glossary/glossary-page.js"), "GlossaryPage"),
});

const workers = createRoute({
  getParentRoute: () => root,
  path: "/workers",
  component: lazyRouteComponent(() => import("../features/workers/workers-page.js"), "WorkersPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/settings-page.js"), "SettingsPage"),
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([
      sweeps,
      sweepsByName,
      newSweep,
      sweep,
      run,
      diff,
      importRuns,
      glossary,
      workers,
      settings,
      ...evidenceRoutes,
    ]),
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingMs: 200,
    defaultPendingComponent: () => <Placeholder height={480} label="Loading the page" />,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
