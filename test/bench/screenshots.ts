/**
 * `npx pnpm screenshots`: pictures of every page at 1440 and 390 px, light and dark, into docs/screenshots. They show a
 * real study: the quickstart, trained from an empty folder, one of its free runs verified and replayed.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findChromium, prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { verification, verificationList } from "@reprise/contracts";
import { chromium } from "playwright-core";
import { type Api, apiAt, sweepUntil } from "../support/api.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const target = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

async function waitFor<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The quickstart, trained to its end; a free run of it verified, then replayed. */
async function realStudy(api: Api, url: string) {
  const sweep = await waitFor(async () => (await api.sweeps()).items[0]);
  await sweepUntil(api, url, sweep.id);
  const runs = await api.runs(sweep.id);
  const [free, other] = runs.filter(({ arm }) => arm === "free");
  if (!free || !other) throw new Error("the quickstart has no free runs");
  for (const kind of ["verify", "replay"]) {
    const { id } = verification.parse(await api.call(`/runs/${free.id}/${kind}`, {}));
    await waitFor(async () => {
      const { items } = verificationList.parse(await api.call(`/runs/${free.id}/verifications`));
      return items.find((item) => item.id === id && (item.status === "ended" || item.status === "failed"));
    });
  }
  return { sweep, free, other };
}

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) await prepare();
const executablePath = findChromium();
if (!executablePath) throw new Error("no Chromium was found; set CHROMIUM_PATH");
const data = dataFolder();
const server = await startReprise(["--data", data.path, "--port", "4796"]);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const { sweep, free, other } = await realStudy(apiAt(server.url), server.url);
  const pages = {
    sweeps: "/",
    sweep: `/sweeps/${sweep.id}`,
    "new-sweep": "/sweeps/new?preset=quickstart",
    "new-study": "/sweeps/new?preset=cuda-randomness/laptop",
    runs: `/runs?sweep=${sweep.id}`,
    compare: `/compare?sweep=${sweep.id}`,
    run: `/runs/${free.id}`,
    verification: `/runs/${free.id}?view=repeat`,
    configuration: `/runs/${free.id}?view=configuration`,
    diff: `/runs/${free.id}/diff/${other.id}`,
    workers: "/workers",
    settings: "/settings",
  };
  mkdirSync(target, { recursive: true });
  for (const viewport of sizes) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(server.url + path);
        await page.getByRole("heading").first().waitFor();
        // Every block that is still loading says so.
        await page.waitForFunction("document.querySelectorAll('[aria-busy=true]').length === 0");
        await page.waitForTimeout(400);
        await page.screenshot({ path: `${target}${name}-${viewport.width}-${colorScheme}.png` });
      }
      await context.close();
    }
  }
  console.log(`${Object.keys(pages).length * 4} pictures in docs/screenshots`);
} finally {
  await browser.close();
  await server.stop();
  data.remove();
}
