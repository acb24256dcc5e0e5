import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, processes, processTree } from "../support/start-reprise.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The sources of this repository in a folder of their own, to be changed; libraries are this repository's. */
async function copyOfSources(): Promise<string> {
  const copy = realpathSync(await mkdtemp(join(tmpdir(), "reprise-dev-")));
  const unneeded = /\.test\.tsx?$|[\\/](dashboard|cli)[\\/]dist$|[\\/]\.vite$/;
  const files = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", "tsconfig.json"];
  for (const path of ["apps", "packages", "prisma", ...files])
    await cp(join(root, path), join(copy, path), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !unneeded.test(source),
    });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

let copy: string;
let url: string;
let program: ReturnType<typeof spawn>;
let printed = "";
beforeAll(async () => {
  copy = await copyOfSources();
  await mkdir(join(copy, "data"));
  const words = ["dev", "--demo", "none", "--data", join(copy, "data"), "--port", await freePort()];
  // There is no bundle of this copy: the command line reads its sources.
  program = spawn(process.execPath, [join(copy, "apps/cli/reprise.mjs"), ...words], {
    cwd: copy,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [program.stdout, program.stderr])
    stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await seen(() => printed, /Ctrl-C stops everything/);
  url = /^ {2}dashboard +(http:\S+)/m.exec(printed)?.[1] ?? "";
});
afterAll(async () => {
  // After a test that failed: whoever is killed leaves its database running.
  if (program.exitCode === null && program.kill("SIGTERM")) await once(program, "exit");
  await rm(copy, { recursive: true, force: true });
});

/** Looks until what is seen matches, or dev has ended. */
async function seen(look: () => string | Promise<string>, pattern: RegExp): Promise<void> {
  while (!pattern.test(await look())) {
    if (program.exitCode !== null) throw new Error(`dev ended:\n${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What is answered at the one address; nothing while the server behind it starts anew. */
const answer = async (path: string) => {
  const response = await fetch(url + path);
  return response.ok ? response.text() : "";
};

function change(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

it("serves dashboard and API at one address", async () => {
  expect(await answer("/")).toContain("/src/main.tsx");
  expect(JSON.parse(await answer("/api/v1/session"))).toMatchObject({ role: "admin" });
  expect(printed).toMatch(/^api +│ .*listening/m);
  expect(printed).toMatch(/^worker +│ .*worker ready/m);
});

it("loads again what is changed in API, worker, trainer and dashboard", async () => {
  change("apps/api/src/http/openapi.ts", 'title: "Reprise"', 'title: "Reprise, changed"');
  change("packages/tfjs-trainer/src/program/describe.ts", "The built-in trainer:", "The changed trainer:");
  change("apps/dashboard/src/main.tsx", "import", "// changed\nimport");
  await Promise.all([
    seen(() => answer("/api/v1/openapi.json"), /"title":"Reprise, changed"/),
    seen(() => answer("/api/v1/trainers"), /The changed trainer:/),
    seen(() => answer("/src/main.tsx"), /\/\/ changed/),
  ]);
});

it("waits for a change where the sources do not run, and starts when they do", async () => {
  change("apps/worker/src/worker.ts", "export function createWorker", "export funktion createWorker");
  await seen(() => printed, /worker ended with exit code 1; waiting for a change/);
  const before = printed.length;
  change("apps/worker/src/worker.ts", "export funktion createWorker", "export function createWorker");
  await seen(() => printed.slice(before), /^worker +│ .*worker ready/m);
});

it("ends with everything it started on Ctrl-C", async () => {
  const started = processTree(program.pid ?? 0);
  for (const part of ["vite.js", "main.ts api", "main.ts worker", "postgres"])
    expect(started.filter(({ command }) => command.includes(part)).length, part).toBeGreaterThan(0);
  program.kill("SIGINT");
  await once(program, "exit");
  expect(program.exitCode).toBe(0);
  const pids = started.map(({ pid }) => pid);
  // What a service had started for itself goes a moment later than the service.
  const left = () =>
    processes().filter(
      ({ pid, command }) => (pids.includes(pid) || command.includes(copy)) && !command.includes("<defunct>"),
    );
  await expect.poll(left, { timeout: 10_000 }).toEqual([]);
});
