/**
 * `npx pnpm screenshots`: pictures of every page and view at 1440 and 390 px, light and dark, in docs/screenshots, with an
 * index. They show studies that this script trains from an empty folder, in some six minutes on two quiet cores.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { referenceList } from "@reprise/contracts";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { apiAt } from "../support/api.js";
import { madeStudy, writeMlflowStudy } from "../support/foreign-study.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";
import { settled, tour } from "../support/tour.js";
import { overridingWorker, pictureStudies } from "./pictured-studies.js";

const target = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const schemes = ["light", "dark"] as const;
const token = "only for the picture of signing in";

/** One picture in each colour scheme of what `page` shows. */
async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    const png = await page.screenshot({ fullPage, animations: "disabled", caret: "hide" });
    // Interfaces have few colours: a palette takes a third of the bytes.
    await sharp(png)
      .png({ palette: true, colours: 128, dither: 0, effort: 9 })
      .toFile(`${target}${name}-${width}-${colorScheme}.png`);
  }
}

/** Runs `work` on a page of its own at both widths. */
async function atBothWidths(browser: Browser, work: (page: Page) => Promise<void>): Promise<void> {
  for (const viewport of sizes) {
    const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
    context.setDefaultTimeout(90_000);
    try {
      await work(await context.newPage());
    } finally {
      await context.close();
    }
  }
}

async function studyPictures(browser: Browser): Promise<void> {
  const data = dataFolder();
  const environment = { REPRISE_WORKER_CONFIG: overridingWorker(data.path) };
  const server = await startReprise(["--data", data.path], environment);
  const api = apiAt(server.url);
  const show = async (page: Page, path: string) => {
    await page.goto(server.url + path);
    await settled(page);
  };
  try {
    const studies = await pictureStudies(api, server.url, (sweepId) =>
      atBothWidths(browser, async (page) => {
        await show(page, `/sweeps/${sweepId}`);
        await picture(page, "running");
      }),
    );
    const papers = referenceList.parse(await api.call("/references")).items.map(({ name }) => name);
    await atBothWidths(browser, async (page) => {
      const toured = { sweepId: studies.quickstart, runId: studies.free, otherRunId: studies.other, papers };
      for await (const { name, part } of tour(page, server.url, toured)) {
        if (part)
          await page.evaluate(
            "document.querySelector('[role=tablist]').scrollIntoView(); window.scrollBy(0, -72)",
          );
        await picture(page, name);
        if (name === "sweep") await picture(page, "sweep-full", true);
      }
      await show(page, `/sweeps/${studies.digits}?view=hyperparameters`);
      await page.evaluate(
        "document.querySelector('[role=tablist]').scrollIntoView(); window.scrollBy(0, -72)",
      );
      await picture(page, "digits-hyperparameters");
      await show(page, `/sweeps/${studies.clip}`);
      await picture(page, "clip-sweep");
      await show(page, `/sweeps/${studies.threeSeeds}`);
      await picture(page, "three-seeds");
      await show(page, `/sweeps/${studies.patients}`);
      await picture(page, "patients");
      await show(page, `/sweeps/${studies.patients}?view=cases`);
      await picture(page, "patients-cases", true);
      await show(page, `/sweeps/${studies.diverging}`);
      await picture(page, "diverged");
      await show(page, `/runs/${studies.diverged}`);
      await picture(page, "diverged-run");
      await show(page, `/sweeps/${studies.overriding}`);
      await picture(page, "override-program");
      await show(page, `/runs/${studies.departed}?view=evidence`);
      await picture(page, "override-program-run");
      await show(page, `/sweeps/${studies.contradicting}`);
      await picture(page, "contradiction");
    });
    await importPictures(browser, server.url);
  } finally {
    await server.stop();
    data.remove();
  }
}

/** Runs of another tracker: what is shown before they are imported, and the page of the study that they become. */
async function importPictures(browser: Browser, url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pictured-runs-"));
  writeMlflowStudy(folder, madeStudy());
  let imported = "";
  try {
    await atBothWidths(browser, async (page) => {
      await page.goto(`${url}/import`);
      await page.getByLabel("Folder to import").setInputFiles(folder);
      await page.getByRole("heading", { name: /^Which column is the seed/ }).waitFor();
      await picture(page, "import-preview", true);
      if (imported === "") {
        await page.getByRole("button", { name: "Import 30 runs", disabled: false }).click();
        await page.getByRole("link", { name: "Read the verdict" }).click();
        await page.waitForURL(/\/sweeps\/[0-9a-f-]{36}/);
        imported = page.url();
      }
      await page.goto(imported);
      await settled(page);
      await picture(page, "imported");
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server that asks for a token, and has no study yet. */
async function firstPictures(browser: Browser): Promise<void> {
  const data = dataFolder();
  const words = ["--data", data.path, "--no-worker"];
  const server = await startReprise(words, { REPRISE_TOKEN: token });
  try {
    await atBothWidths(browser, async (page) => {
      await page.goto(server.url);
      await page.getByLabel("Token", { exact: true }).waitFor();
      await picture(page, "sign-in");
      await page.getByLabel("Token", { exact: true }).fill(token);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Launch the quickstart" }).waitFor();
      await picture(page, "sweeps-empty");
    });
  } finally {
    await server.stop();
    data.remove();
  }
}

/** A table of all pictures, with the day and the machine they come from. */
function writeIndex(): void {
  const files = readdirSync(target).filter((file) => file.endsWith(".png"));
  const names = [...new Set(files.map((file) => file.replace(/-\d+-\w+\.png$/, "")))].sort();
  const bytes = files.reduce((sum, file) => sum + statSync(target + file).size, 0);
  const link = (name: string, width: number, scheme: string) => {
    const file = `${name}-${width}-${scheme}.png`;
    return files.includes(file) ? `[${scheme}](${file})` : "missing";
  };
  const rows = names.map(
    (name) =>
      `| ${name} | ${sizes.map(({ width }) => schemes.map((scheme) => link(name, width, scheme)).join(" · ")).join(" | ")} |`,
  );
  const machine = `${cpus()[0]?.model.trim() || "processor unknown"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  writeFileSync(
    `${target}README.md`,
    [
      "# Pictures",
      "",
      `Made by \`npx pnpm screenshots\` on ${new Date().toISOString().slice(0, 10)} (${machine}) from studies trained for them: the`,
      "quickstart, a grid over three hyperparameters on digits, a tiny CLIP, a learning rate that diverges, a program that overrides its settings, three seeds, patients with three recordings each; a free run verified and replayed; runs of MLflow, made up and imported; and one, told from outside, of runs",
      "that contradict each other. Nothing in them is drawn by hand.",
      "",
      `${files.length} pictures, ${(bytes / 2 ** 20).toFixed(1)} MiB.`,
      "",
      `| view | ${sizes.map(({ width }) => `${width} px`).join(" | ")} |`,
      `|---|${sizes.map(() => "---").join("|")}|`,
      ...rows,
      "",
    ].join("\n"),
  );
  console.log(`${files.length} pictures, ${(bytes / 2 ** 20).toFixed(1)} MiB, in docs/screenshots`);
}

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) await prepare();
const executablePath = findChromium();
if (!executablePath) throw new Error("no Chromium was found; set CHROMIUM_PATH");
mkdirSync(target, { recursive: true });
for (const file of readdirSync(target)) if (file.endsWith(".png")) rmSync(target + file);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  await firstPictures(browser);
  await studyPictures(browser);
} finally {
  await browser.close();
  writeIndex();
}
