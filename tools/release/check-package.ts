/**
 * `npx pnpm release:check`: builds the package, installs it into an empty folder as a plain user without install scripts, runs
 * the quickstart from there to its end, exports a table, makes a backup and restores it. Prints sizes and times; any step
 * that fails ends it with what was printed.
 */
import { chownSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa, type Options, type ResultPromise } from "execa";
import { apiAt, sweepUntil } from "../../test/support/api.js";
import { freePort } from "../../test/support/start-reprise.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const made = path.join(root, "dist-release", "reprise-lab");
/** `nobody`: the database does not run as root, and users are not. */
const plainUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const rows: [string, string][] = [];
const tell = (what: string, figure: string) => {
  rows.push([what, figure]);
  console.log(`${what}: ${figure}`);
};
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function megabytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(path.join(entry.parentPath, entry.name)).size;
  return bytes / 1e6;
}

const place = mkdtempSync(path.join(tmpdir(), "reprise-release-"));
const as = {
  cwd: place,
  env: { HOME: place, npm_config_cache: path.join(place, ".npm"), npm_config_update_notifier: "false" },
  ...plainUser,
} satisfies Options;
const installed = path.join(place, "node_modules", "reprise-lab", "reprise.mjs");
const reprise = (words: string[], url?: string) =>
  execa(process.execPath, [installed, ...words], {
    ...as,
    env: { ...as.env, ...(url && { REPRISE_URL: url }) },
    all: true,
  });

const running = new Set<ResultPromise>();

/** Starts the installed server; resolves with its address once it has said all. */
async function start(data: string, demo: string): Promise<{ url: string; server: ResultPromise }> {
  const port = await freePort();
  const server = reprise(["start", "--port", port, "--data", data, "--demo", demo]);
  running.add(server);
  const url = await new Promise<string>((resolve, reject) => {
    let printed = "";
    server.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /dashboard\s+(http:\S+)[\s\S]*Ctrl-C/.exec(printed)?.[1];
      if (found) resolve(found);
    });
    server.then(
      () => reject(new Error(`start ended:\n${printed}`)),
      (error: Error) => reject(error),
    );
  });
  return { url, server };
}

async function stop(server: ResultPromise): Promise<void> {
  server.kill("SIGTERM");
  await server.catch(() => {});
  running.delete(server);
}

try {
  await execa("node", ["--import", "tsx", "tools/release/make-package.ts"], { cwd: root, stdio: "inherit" });
  const { stdout: archive } = await execa("npm", ["pack", "--silent", "--pack-destination", place], {
    cwd: made,
  });
  const file = path.join(place, archive);
  tell("archive", `${(statSync(file).size / 1e6).toFixed(1)} MB`);
  if (plainUser.uid !== undefined)
    for (const owned of [place, file]) chownSync(owned, plainUser.uid, plainUser.gid);

  let since = performance.now();
  await execa("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", file], as);
  tell("installed", `${megabytes(path.join(place, "node_modules")).toFixed(0)} MB in ${seconds(since)}`);

  since = performance.now();
  const first = await start("data", "quickstart");
  tell("first start until the dashboard answers", seconds(since));
  const api = apiAt(first.url);
  const [queued] = (await api.sweeps()).items;
  if (!queued) throw new Error("the quickstart was not queued");
  const sweep = await sweepUntil(api, first.url, queued.id, undefined, 900_000);
  if (sweep.status !== "succeeded") throw new Error(`the quickstart ended as ${sweep.status}`);
  tell("quickstart", `${(await api.runs(sweep.id)).length} runs, ${sweep.status}, after ${seconds(since)}`);
  const analysis = (url: string) => reprise(["export", "quickstart", "determinism"], url);
  const { stdout: table } = await analysis(first.url);
  console.log(table.split("\n").slice(0, 4).join("\n"));
  await stop(first.server);

  since = performance.now();
  const warm = await start("data", "none");
  tell("warm start until the dashboard answers", seconds(since));
  await stop(warm.server);

  await reprise(["backup", "kept.zip", "--data", "data"]);
  await reprise(["restore", "kept.zip", "--data", "restored"]);
  const again = await start("restored", "none");
  const { stdout: restored } = await analysis(again.url);
  await stop(again.server);
  if (restored !== table) throw new Error(`the restored study says otherwise:\n${restored}`);
  tell("backup and restore", "the same table");
  console.log(
    `\n| what | figure |\n| --- | --- |\n${rows.map(([what, figure]) => `| ${what} | ${figure} |`).join("\n")}`,
  );
} finally {
  for (const server of running) await stop(server);
  rmSync(place, { recursive: true, force: true });
}
