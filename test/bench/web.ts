/** `npx pnpm bench:web`: what the dashboard weighs and how fast it is in a real Chromium. Measures, never asserts. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { findChromium, prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { connectDatabase, type Database, startEmbeddedPostgres, writeBatch } from "@reprise/database";
import { type Browser, chromium, type Page } from "playwright-core";
import { measuredHere } from "../support/machine.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";
import { median, quantile } from "./measures.js";
import { batchOf, begin, end, endedStudy, epochs, queue, study } from "./web-studies.js";

const dist = fileURLToPath(new URL("../../apps/dashboard/dist/", import.meta.url));
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** JavaScript that the first page loads before it can draw, and the largest chunks that come later. */
function bundles(): void {
  const html = readFileSync(`${dist}index.html`, "utf8");
  const entry = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? "");
  const size = (path: string) => gzipSync(readFileSync(dist + path)).length;
  const rest = readdirSync(`${dist}assets`)
    .filter((name) => name.endsWith(".js") && !entry.includes(`assets/${name}`))
    .map((name) => ({ name, bytes: size(`assets/${name}`) }))
    .sort((a, b) => b.bytes - a.bytes);
  console.log(`
| JavaScript, gzip | |
|---|---|
| entry, ${entry.length} file(s) (at most 200 kB wanted) | ${kB(entry.reduce((sum, path) => sum + size(path), 0))} |
${rest
  .slice(0, 8)
  .map(({ name, bytes }) => `| later: ${name.replace(/-[\w-]{8}\.js$/, "")} | ${kB(bytes)} |`)
  .join("\n")}`);
}

type Opened = {
  /** Milliseconds from pressing Enter. */
  took: number;
  /** Milliseconds from pressing Enter to the end of the last answer of the API. */
  figures: number;
  /** Milliseconds of processor time of the page's main thread, and of them in scripts. */
  busy: number;
  scripts: number;
  requests: number;
  bytes: number;
};

/** Counts what a page asks for and what its main thread does, from before its address is opened. */
async function watched(page: Page): Promise<() => Promise<Omit<Opened, "took">>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const calls = new Set<string>();
  let firstAt = Number.NaN;
  let lastCallAt = Number.NaN;
  let requests = 0;
  let bytes = 0;
  session.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    if (requests++ === 0) firstAt = timestamp;
    if (request.url.includes("/api/")) calls.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, timestamp, encodedDataLength }) => {
    bytes += encodedDataLength;
    if (calls.has(requestId)) lastCallAt = timestamp;
  });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const ms = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1000;
    return {
      figures: (lastCallAt - firstAt) * 1000,
      busy: ms("TaskDuration"),
      scripts: ms("ScriptDuration"),
      requests,
      bytes,
    };
  };
}

/** From pressing Enter to: verdict shown, `squares` of the digest strip drawn, and nothing left for the main thread to do. */
async function sweepPage(browser: Browser, url: string, id: string, squares: number): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const counted = await watched(page);
  const startedAt = performance.now();
  await page.goto(`${url}/sweeps/${id}`);
  await page.getByRole("list").filter({ hasText: "How do we know?" }).first().waitFor();
  await page.waitForFunction(
    `document.querySelectorAll("[aria-label^='Digest strip'] [aria-label]").length >= ${squares}`,
  );
  await page.evaluate("new Promise((resolve) => requestIdleCallback(resolve))");
  const took = performance.now() - startedAt;
  const opened = { took, ...(await counted()) };
  await context.close();
  return opened;
}

/** Frame times while eight runs report an epoch each every 250 ms, replayed on the page of their sweep. */
async function playback(browser: Browser, url: string, db: Database): Promise<number[]> {
  const { id, runs } = await queue(db, study("playback", ["adam"], 1, 7));
  const refs = await Promise.all(runs.map((run) => begin(db, run.id)));
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`${url}/sweeps/${id}`);
  await page.getByText("Connection: live", { exact: true }).waitFor();
  await page.evaluate(`{
    window.frames = [];
    let last = performance.now();
    const tick = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
  }`);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const next = performance.now() + 250;
    await Promise.all(refs.map((ref, index) => writeBatch(db, ref, batchOf(index, epoch - 1, epoch, epoch))));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
  for (const [index, ref] of refs.entries()) await end(db, ref, index, runs[index]?.mode ?? "");
  await page.getByText(`${runs.length} / ${runs.length} ended`).waitFor();
  const frames = await page.evaluate<number[]>("window.frames");
  await page.context().close();
  return frames.slice(2);
}

/** From pressing Enter to the first rows of a table of 10,000 runs. */
async function runsTable(browser: Browser, url: string, id: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const startedAt = performance.now();
  await page.goto(`${url}/runs?sweep=${id}`);
  await page.locator("a[href^='/runs/']").nth(10).waitFor();
  const took = performance.now() - startedAt;
  await context.close();
  return took;
}

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) await prepare();
console.log(`${measuredHere()}, headless Chromium without a GPU`);
bundles();

const executablePath = findChromium();
if (!executablePath) throw new Error("no Chromium was found; set CHROMIUM_PATH");
const data = dataFolder();
const postgres = await startEmbeddedPostgres({ dataDirectory: data.path });
const server = await startReprise(["--data", data.path, "--no-worker"], {
  DATABASE_URL: postgres.url,
});
const db = connectDatabase({ url: postgres.url });
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const { id, runs } = await endedStudy(db, study("480 runs", ["adam", "sgd", "adamw"], 10, 15));
  const large = await queue(db, study("10,000 runs", ["adam", "sgd"], 50, 99));
  await db.prisma.$executeRawUnsafe("ANALYZE");
  await sweepPage(browser, server.url, id, 100);
  const opened: Opened[] = [];
  for (let time = 0; time < 5; time++) opened.push(await sweepPage(browser, server.url, id, 100));
  const painted: number[] = [];
  for (let time = 0; time < 5; time++) painted.push(await runsTable(browser, server.url, large.id));
  const frames = await playback(browser, server.url, db);
  const usual = (of: (one: Opened) => number) => Math.round(median(opened.map(of)));
  console.log(`
| dashboard in Chromium | measured | wanted |
|---|---|---|
| sweep page of ${runs} runs, interactive (median of 5, cold cache) | ${usual(({ took }) => took)} ms | 1000 ms |
| – last figure from the API | ${usual(({ figures }) => figures)} ms | |
| – processor time of its main thread; of that in scripts | ${usual(({ busy }) => busy)} ms; ${usual(({ scripts }) => scripts)} ms | |
| – requests; bytes over the wire | ${usual(({ requests }) => requests)}; ${kB(usual(({ bytes }) => bytes))} | |
| table of ${large.runs.length} runs, first rows (median of 5, cold cache) | ${Math.round(median(painted))} ms | 800 ms |
| frame time while 8 runs report every 250 ms: p50, p95, worst of ${frames.length} | ${[median(frames), quantile(frames, 0.95), Math.max(...frames)].map((ms) => ms.toFixed(1)).join(", ")} ms | p95 20 ms |`);
} finally {
  await browser.close();
  await server.stop();
  await db.close();
  await postgres.stop();
  data.remove();
}
