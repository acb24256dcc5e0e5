/** What a page needs before it can show its answer. */
export type PageNeeds = {
  /** Address of the page; `:name` stands for one part of it. */
  path: string;
  /** Its module, below `src/`. */
  module: string;
  /**
   * Addresses below `/api/v1` that it reads first, letter for letter as its queries ask for them. `:name` stands for a part
   * of the page's address or a value of its search; a search parameter without a value is left out. Every page asks who is
   * there besides.
   */
  reads?: readonly string[];
  /** Names in the page's search without which, or with which, it reads something else. */
  with?: readonly string[];
  without?: readonly string[];
};

const analysis = (name: string) => `/sweeps/:sweepId/analyses/${name}`;

/**
 * The server's start page names these, so that a browser asks for a page's code and figures at once and not after the
 * application has started. The end-to-end test of the start page finds what has gone out of step with the queries.
 */
export const pageNeeds: readonly PageNeeds[] = [
  {
    path: "/",
    module: "features/sweeps/sweeps-page.tsx",
    reads: ["/sweeps?limit=50&name=:name&status=:status&tag=:tag"],
  },
  { path: "/sweeps/new", module: "features/new-sweep/new-sweep-page.tsx" },
  {
    path: "/sweeps/:sweepId",
    module: "features/sweep/sweep-page.tsx",
    reads: [
      "/sweeps/:sweepId",
      "/sweeps/:sweepId/strip",
      `${analysis("determinism")}?metric=:metric`,
      `${analysis("significance")}?metric=:metric`,
      `${analysis("configurations")}?metric=:metric`,
      analysis("classification"),
      "/runs?sweepId=:sweepId&limit=24",
      "/trainers",
    ],
  },
  { path: "/sweeps/:sweepId/report", module: "features/report/report-page.tsx" },
  {
    path: "/runs",
    module: "features/runs/runs-page.tsx",
    with: ["sweep"],
    without: ["by"],
    reads: [
      "/runs?sweepId=:sweep&status=:status&filter=:filter&limit=60&orderBy=:sort",
      "/sweeps?limit=200",
      "/trainers",
      "/runs/groups?sweepId=:sweep&status=:status&filter=:filter&by=&value=selected",
    ],
  },
  { path: "/runs", module: "features/runs/runs-page.tsx" },
  { path: "/runs/:runId", module: "features/run/run-page.tsx", reads: ["/runs/:runId"] },
  { path: "/runs/:runId/diff/:otherId", module: "features/diff/diff-page.tsx" },
  { path: "/compare", module: "features/compare/compare-page.tsx" },
  { path: "/references", module: "features/references/references-page.tsx" },
  { path: "/references/:paper", module: "features/references/reference-page.tsx" },
  { path: "/audit", module: "features/audit/audit-page.tsx" },
  { path: "/workers", module: "features/workers/workers-page.tsx", reads: ["/workers"] },
  { path: "/settings", module: "features/settings/settings-page.tsx" },
];
