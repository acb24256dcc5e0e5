import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

// This file must not import anything that needs the generated client: it runs before there is one.

const packageDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const prismaDirectory = path.resolve(packageDirectory, "../../prisma");
const generatedDirectory = path.join(packageDirectory, "src", "generated");
const stampFile = path.join(generatedDirectory, "schema.sha256");
const require = createRequire(import.meta.url);

/**
 * Makes the Prisma client from prisma/schema.prisma, or does nothing when it is there and up to date (compared by
 * the digest of the schema and Prisma's version, ≈ 1 ms). Needs no network: the schema engine, which the generator
 * looks for but does not use, is named by a path that always exists.
 */
export async function generateClient(): Promise<"generated" | "up-to-date"> {
  const manifest = require.resolve("prisma/package.json");
  const wanted = createHash("sha256")
    .update(await readFile(path.join(prismaDirectory, "schema.prisma")))
    .update(await readFile(manifest))
    .digest("hex");
  if ((await readFile(stampFile, "utf8").catch(() => "")) === wanted) return "up-to-date";
  const release = await takeLock();
  try {
    if ((await readFile(stampFile, "utf8").catch(() => "")) === wanted) return "up-to-date";
    await runGenerator(manifest);
    await mkdir(generatedDirectory, { recursive: true });
    await writeFile(stampFile, wanted);
    return "generated";
  } finally {
    await release();
  }
}

async function runGenerator(manifest: string): Promise<void> {
  const cli = path.join(path.dirname(manifest), "build", "index.js");
  const schema = path.join(prismaDirectory, "schema.prisma");
  await rm(stampFile, { force: true });
  await promisify(execFile)(process.execPath, [cli, "generate", "--schema", schema], {
    cwd: packageDirectory,
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  });
}

/** Keeps two processes that start together from writing the same files; a lock older than a minute is a dead one's. */
async function takeLock(): Promise<() => Promise<void>> {
  const lock = path.join(packageDirectory, "node_modules", ".generating");
  for (;;) {
    const taken = await mkdir(lock).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
    if (taken) return () => rm(lock, { recursive: true, force: true });
    const age = Date.now() - ((await stat(lock).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > 60_000) await rm(lock, { recursive: true, force: true });
    await delay(50);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`Prisma client ${await generateClient()}`);
}
