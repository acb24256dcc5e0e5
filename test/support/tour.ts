import type { Page } from "playwright-core";

/** What the tour looks at: a study that has ended and two of its runs. */
export type Toured = { sweepId: string; runId: string; otherRunId: string; papers: readonly string[] };

export type Stop = {
  /** Fit for a file name: page, then view. */
  name: string;
  /** Where the new view stands, when the rest of the page is that of the stop before. */
  part?: string;
};

type Place = { name: string; path: string; tabs?: string; act?: (page: Page) => Promise<void> };

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");

/** The pages, in parts that can be walked each by itself. */
const places = {
  studies: ({ sweepId }) => [
    { name: "sweeps", path: "/" },
    { name: "sweep", path: `/sweeps/${sweepId}`, tabs: "evidence" },
    { name: "report", path: `/sweeps/${sweepId}/report` },
  ],
  launch: () => [
    { name: "new-gallery", path: "/sweeps/new" },
    { name: "new-form", path: "/sweeps/new?preset=quickstart" },
    {
      name: "new-yaml",
      path: "/sweeps/new?preset=quickstart",
      act: (page) => page.getByText("YAML", { exact: true }).click(),
    },
    { name: "new-study", path: "/sweeps/new?preset=cuda-randomness/laptop" },
    { name: "import", path: "/import" },
  ],
  runs: ({ sweepId, runId, otherRunId }) => [
    { name: "runs", path: `/runs?sweep=${sweepId}` },
    { name: "runs-grouped", path: `/runs?sweep=${sweepId}&by=configurationLabel,arm&value=mean` },
    { name: "compare", path: `/compare?sweep=${sweepId}` },
    { name: "run", path: `/runs/${runId}`, tabs: "run" },
    { name: "diff", path: `/runs/${runId}/diff/${otherRunId}` },
  ],
  references: ({ papers }) => [
    { name: "references", path: "/references" },
    ...papers.map((paper) => ({ name: `reference-${paper}`, path: `/references/${paper}` })),
    {
      name: "audit",
      path: "/audit",
      act: async (page: Page) => {
        await page.getByRole("button", { name: "Try the example" }).click();
        await page.getByRole("button", { name: "Check the table" }).click();
        await page.getByRole("heading", { name: "What does not add up?" }).waitFor();
      },
    },
  ],
  server: () => [
    { name: "workers", path: "/workers" },
    { name: "settings", path: "/settings" },
    { name: "glossary", path: "/glossary" },
    { name: "not-found", path: "/no-such-page" },
    {
      name: "palette",
      path: "/",
      act: async (page) => {
        await page.keyboard.press("Control+k");
        await page.getByRole("dialog").getByRole("option").first().waitFor();
      },
    },
  ],
} satisfies Record<string, (toured: Toured) => Place[]>;

export type TourPart = keyof typeof places;
export const tourParts = ["studies", "launch", "runs", "references", "server"] as const satisfies TourPart[];

/** The parts of the tour that have a view of one of these names. */
export const tourPartsWith = (names: readonly string[], toured: Toured): TourPart[] =>
  tourParts.filter((part) =>
    places[part](toured).some(({ name: page, tabs }: Place) =>
      names.some((name) => name === page || name === `${page}-full` || (tabs && name.startsWith(`${tabs}-`))),
    ),
  );

/** Resolves when the page has a heading, is drawn to its end, and nothing on it says that it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading").first().waitFor();
  const quiet = async () => {
    await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  };
  // What is near first, as a reader has it.
  await quiet();
  // Three times: what came with one answer may ask for more, and draw more.
  for (let round = 0; round < 3; round++) {
    // As before printing, where all of a page is wanted: what stands far below the window may wait for being near.
    await page.evaluate("void dispatchEvent(new Event('beforeprint'))");
    await quiet();
  }
}

/** Walks `page` through the pages of a part and every view of those that have tabs; yields where it stands. */
async function* walk(page: Page, url: string, stops: readonly Place[]): AsyncGenerator<Stop> {
  for (const { name, path, tabs, act } of stops) {
    await page.goto(url + path);
    await settled(page);
    if (act) {
      await act(page);
      await settled(page);
    }
    yield { name };
    if (!tabs) continue;
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      await settled(page);
      yield { name: slug(`${tabs} ${(await tab.textContent()) ?? ""}`), part: "[role=tabpanel]" };
    }
  }
}

/** Walks `page` through every page of the dashboard, or those of some parts, and every view of the pages that have tabs. */
export async function* tour(
  page: Page,
  url: string,
  toured: Toured,
  parts: readonly TourPart[] = tourParts,
): AsyncGenerator<Stop> {
  for (const part of parts) yield* walk(page, url, places[part](toured));
}
