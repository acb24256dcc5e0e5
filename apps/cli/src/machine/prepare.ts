import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateClient } from "@reprise/database/generate";
import { dashboardBuild, dashboardFolder, installationRoot, isReleased, releasedProgram } from "../paths.js";
import { contentDigest } from "./program-bundle.mjs";

/** Runs a Node program and returns; on failure throws with what it printed. */
async function runNode(args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => printed.push(chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${args.join(" ")} failed:\n${Buffer.concat(printed).toString()}`);
}

/** Runs `build` unless `inputs` are what they were when `stamp` was written. */
async function whenChanged(stamp: string, inputs: string[], build: () => Promise<void>): Promise<boolean> {
  const digest = contentDigest(installationRoot, inputs);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return false;
  await build();
  writeFileSync(stamp, digest);
  return true;
}

export type Prepared = { name: string; built: boolean; seconds: number };

/** Does a step, unless what it makes came with a released package. */
async function timed(name: string, step: () => Promise<boolean>): Promise<Prepared> {
  const startedAt = performance.now();
  const built = !isReleased && (await step());
  return { name, built, seconds: (performance.now() - startedAt) / 1000 };
}

/** Generates the typed database client from prisma/schema.prisma. Nothing that imports the database may load before. */
export async function prepareDatabaseClient(): Promise<Prepared> {
  return timed("database client", async () => (await generateClient()) === "generated");
}

/** Bundles the built-in trainer, so that a run starts in a fraction of a second. */
export async function prepareTrainer(): Promise<Prepared> {
  return timed("built-in trainer", async () => {
    const { buildTrainer } = await import("@reprise/tfjs-trainer");
    return (await buildTrainer()).built;
  });
}

/** Bundles the command line, from which it starts API and worker. */
export async function prepareProgram(): Promise<Prepared & { main: string }> {
  let main = releasedProgram;
  const prepared = await timed("program", async () => {
    const { bundleProgram } = await import("./bundle-program.js");
    const bundled = await bundleProgram();
    main = bundled.main;
    return bundled.built;
  });
  return { ...prepared, main };
}

/** Ends the process that bundles were made by, which would stay with 280 MB for the next one. */
export async function endBuilds(): Promise<void> {
  const { stop } = await import("esbuild");
  await stop();
}

/** Builds the dashboard into apps/dashboard/dist. */
export async function prepareDashboard(): Promise<Prepared> {
  const inputs = [
    "apps/dashboard/src",
    "apps/dashboard/public",
    "apps/dashboard/build",
    "apps/dashboard/index.html",
    "apps/dashboard/vite.config.ts",
    "apps/dashboard/package.json",
    "packages/contracts/src",
    "pnpm-lock.yaml",
  ];
  return timed("dashboard", () =>
    whenChanged(join(dashboardBuild, ".digest"), inputs, () =>
      runNode(
        [join(dashboardFolder, "node_modules", "vite", "bin", "vite.js"), "build", "--logLevel", "warn"],
        { cwd: dashboardFolder },
      ),
    ),
  );
}
