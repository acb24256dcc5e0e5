import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTemplateDatabase, startEmbeddedPostgres, templateDatabase } from "@reprise/database";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  export interface ProvidedContext {
    postgres: { adminUrl: string; template: string };
  }
}

/** Stops the server and removes its files when the test run is killed: its standard input ends with us. */
const watchdog = `
  process.stdin.resume().on("end", () => {
    try { process.kill(Number(process.argv[1]), "SIGQUIT"); } catch {}
    setTimeout(() => require("fs").rmSync(process.argv[2], { recursive: true, force: true }), 1000);
  });`;

/** Ends a server and removes its files if this process does not get to do so; `end` when it has. */
export function guardPostgres(pid: number, folder: string): { end(): void } {
  const guard = spawn(process.execPath, ["-e", watchdog, String(pid), folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  return { end: () => void guard.kill("SIGKILL") };
}

/** Global set-up of the system tests: one PostgreSQL server for the run, and a migrated database to copy. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), "reprise-test-"));
  // As root the server runs as another user, who must be able to get there.
  await chmod(dataDirectory, 0o755);
  const server = await startEmbeddedPostgres({
    dataDirectory,
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" },
  });
  const guard = guardPostgres(server.pid, dataDirectory);
  const template = await createTemplateDatabase(server.url);
  project.provide("postgres", { adminUrl: server.url, template: template.name });
  return async () => {
    await server.stop();
    await rm(dataDirectory, { recursive: true, force: true });
    guard.end();
  };
}

/**
 * A migrated, empty database for one test file (or one test); `drop` it in the end. Needs this file as the project's
 * `globalSetup`, as the `system` project has it.
 */
export function testDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { adminUrl, template } = inject("postgres");
  return templateDatabase(adminUrl, template).clone();
}
