/**
 * `npx pnpm screenshots`: pictures of every page and view at 1440 and 390 px, light and dark, in docs/screenshots, with an
 * index. They show studies that this script trains from an empty folder, and runs made up, in some six minutes on two quiet cores.
 * `REPRISE_PYTHON` names a Python with PyTorch, for the script that overrides its settings: without one its views stay as they were.
 * `npx pnpm screenshots report glossary` renews these views alone, and trains only the studies that they show.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { referenceList } from "@reprise/contracts";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { apiAt } from "../support/api.js";
import { madeStudy, writeMlflowStudy } from "../support/foreign-study.js";
import { torchMissing } from "../support/python.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";
import { settled, tour, tourParts, tourPartsWith } from "../support/tour.js";
import { picturedStudies } from "./pictured-studies.js";

const target = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const schemes = ["light", "dark"] as const;
const token = "only for the picture of signing in";

/** Views that are asked for; all where none is. */
const wanted = process.argv.slice(2);
const taken = new Set<string>();
/** Why a view cannot be taken here: those of a script with PyTorch stay as they are where there is none. */
const impossible = (name: string) => (name.startsWith("override-program") ? torchMissing() : null);
const isWanted = (name: string) =>
  (wanted.length === 0 || wanted.includes(name)) && impossible(name) === null;

/** One picture in each colour scheme of what `page` shows. */
async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (!isWanted(name)) return;
  taken.add(name);
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
  const server = await startReprise(["--data", data.path]);
  const api = apiAt(server.url);
  const show = async (page: Page, path: string) => {
    await page.goto(server.url + path);
    await settled(page);
  };
  const studies = picturedStudies(api, server.url, (sweepId) =>
    atBothWidths(browser, async (page) => {
      if (!isWanted("running")) return;
      await show(page, `/sweeps/${sweepId}`);
      await picture(page, "running");
    }),
  );
  /** Beside the tour: views of other studies, each with where it is. */
  const others: { name: string; path: () => Promise<string>; tabs?: boolean; fullPage?: boolean }[] = [
    {
      name: "digits-hyperparameters",
      path: async () => `/sweeps/${await studies.digits()}?view=hyperparameters`,
      tabs: true,
    },
    { name: "clip-sweep", path: async () => `/sweeps/${await studies.clip()}` },
    { name: "three-seeds", path: async () => `/sweeps/${await studies.threeSeeds()}` },
    { name: "patients", path: async () => `/sweeps/${await studies.patients()}` },
    {
      name: "patients-cases",
      path: async () => `/sweeps/${await studies.patients()}?view=cases`,
      fullPage: true,
    },
    { name: "diverged", path: async () => `/sweeps/${(await studies.diverging()).sweepId}` },
    { name: "diverged-run", path: async () => `/runs/${(await studies.diverging()).runId}` },
    { name: "override-program", path: async () => `/sweeps/${(await studies.overriding()).sweepId}` },
    {
      name: "override-program-run",
      path: async () => `/runs/${(await studies.overriding()).runId}?view=evidence`,
    },
    { name: "contradiction", path: async () => `/sweeps/${await studies.contradicting()}` },
    {
      name: "dense",
      path: async () =>
        `/sweeps/${await studies.dense()}?curve=${encodeURIComponent('["validationLoss","validationAccuracy"]')}`,
      fullPage: true,
    },
  ].filter(({ name }) => isWanted(name));
  const toTabs = "document.querySelector('[role=tablist]').scrollIntoView(); window.scrollBy(0, -72)";
  const papers = referenceList.parse(await api.call("/references")).items.map(({ name }) => name);
  const nothing = { sweepId: "", runId: "", otherRunId: "", papers };
  const parts = wanted.length === 0 ? tourParts : tourPartsWith(wanted, nothing);
  const needsStudy = isWanted("running") || parts.includes("studies") || parts.includes("runs");
  try {
    // All at once, so that the worker always has a run.
    if (wanted.length === 0) await Promise.all([studies.quickstart(), ...others.map(({ path }) => path())]);
    const toured = needsStudy ? { ...(await studies.quickstart()), papers } : nothing;
    await atBothWidths(browser, async (page) => {
      for await (const { name, part } of tour(page, server.url, toured, parts)) {
        if (part) await page.evaluate(toTabs);
        await picture(page, name);
        if (name === "sweep") await picture(page, "sweep-full", true);
      }
    });
    await atBothWidths(browser, async (page) => {
      for (const { name, path, tabs, fullPage } of others) {
        await show(page, await path());
        if (tabs) await page.evaluate(toTabs);
        await picture(page, name, fullPage);
      }
    });
    await importPictures(browser, server.url);
  } finally {
    await server.stop();
    data.remove();
  }
}

/** Runs of another tracker: what is shown before they are imported, and the page of the study that they become. */
async function importPictures(browser: Browser, url: string): Promise<void> {
  if (!isWanted("import-preview") && !isWanted("imported")) return;
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
  if (!isWanted("sign-in") && !isWanted("sweeps-empty")) return;
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

/** What the index before says of its pictures, where only some are renewed: when and where most were made, and which are not of then. */
function indexBefore(): { made: string | null; older: string[]; renewed: Map<string, string[]> } {
  const isPartial = wanted.length > 0 && existsSync(`${target}README.md`);
  const text = isPartial ? readFileSync(`${target}README.md`, "utf8") : "";
  const kept = (names = "") => names.split(", ").filter((name) => name !== "" && !taken.has(name));
  return {
    made: / on (\S+ \([^)]*\))\. /.exec(text)?.[1] ?? null,
    older: kept(/^Older: (.*)\.$/m.exec(text)?.[1]),
    renewed: new Map(
      [...text.matchAll(/^Renewed on (\S+): (.*)\.$/gm)].map(([, day = "", names]) => [day, kept(names)]),
    ),
  };
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
  const today = new Date().toISOString().slice(0, 10);
  const { made, older, renewed } = indexBefore();
  if (made !== null) renewed.set(today, [...(renewed.get(today) ?? []), ...taken].sort());
  const asides = [
    ...(older.length > 0 ? [`Older: ${older.join(", ")}.`] : []),
    ...[...renewed].flatMap(([day, of]) => (of.length > 0 ? [`Renewed on ${day}: ${of.join(", ")}.`] : [])),
  ];
  const machine = `${cpus()[0]?.model.trim() || "processor unknown"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  writeFileSync(
    `${target}README.md`,
    [
      "# Pictures",
      "",
      `Made by \`npx pnpm screenshots\` on ${made ?? `${today} (${machine})`}. Most show studies trained for them: the quickstart, a grid over three`,
      "hyperparameters on digits, a tiny CLIP, a learning rate that diverges, a script of PyTorch that overrides its settings, three seeds, patients with three recordings each, and a",
      "free run verified and replayed. The runs of three studies were made up, not trained: those of `contradiction`, those of `dense` (360), and those of MLflow in `import-preview`",
      "and `imported`. A browser took every picture of the page as it is; none was edited.",
      ...asides.flatMap((aside) => ["", aside]),
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
const reasons = new Set(wanted.flatMap((name) => impossible(name) ?? []));
if (reasons.size > 0) throw new Error([...reasons].join("\n"));
mkdirSync(target, { recursive: true });
if (wanted.length === 0)
  for (const file of readdirSync(target))
    if (file.endsWith(".png") && impossible(file) === null) rmSync(target + file);
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
const unknown = wanted.filter((name) => !taken.has(name));
if (unknown.length > 0)
  throw new Error(`there is no view ${unknown.join(", ")}; docs/screenshots/README.md lists all`);
