import { execFile } from "node:child_process";
import { chown, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedPostgresError } from "../errors.js";
import type { ServerUser } from "./postgres-binaries.js";
import { isListed, isProcessAlive, processesIn } from "./processes.js";

export const superuser = "reprise";
const stopTimeoutMs = 20_000;

/** PostgreSQL reads PG* variables and prints in the language of the environment: it gets neither. */
export const serverEnvironment = () => ({ PATH: process.env.PATH ?? "", LC_ALL: "C" });

/** Makes a new cluster in `folder`. @throws EmbeddedPostgresError */
export async function initialiseCluster(
  folder: string,
  initdb: string,
  user: ServerUser,
  password: string,
): Promise<void> {
  // Made beside its place and renamed, so that an interrupted first start leaves nothing half-made behind.
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const secret = await mkdtemp(path.join(tmpdir(), "reprise-initdb-"));
  const passwordFile = path.join(secret, "password");
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) for (const item of [draft, secret, passwordFile]) await chown(item, user.uid, user.gid);
    const options = ["--auth=scram-sha-256", `--username=${superuser}`, `--pwfile=${passwordFile}`];
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    await promisify(execFile)(initdb, [`--pgdata=${draft}`, ...options, ...locale], {
      ...user,
      cwd: draft,
      env: serverEnvironment(),
    });
    await rename(draft, folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(`The database could not be created in ${folder}: ${reason}`);
  } finally {
    await rm(secret, { recursive: true, force: true });
  }
}

/** What postmaster.pid says about a server: lines 1 and 4. */
export type Postmaster = { pid: number; port: number };

/** The server whose process the files name; it may have ended since. */
export async function readPostmaster(folder: string): Promise<Postmaster | null> {
  const text = await readFile(path.join(folder, "postmaster.pid"), "utf8").catch(() => null);
  const [pid, , , port] = text?.split("\n").map(Number) ?? [];
  return pid !== undefined && pid > 0 && port !== undefined && port > 0 ? { pid, port } : null;
}

async function commandOf(pid: number): Promise<string> {
  const proc = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
  if (proc !== null || process.platform === "win32") return proc ?? "postgres";
  return promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).then(
    ({ stdout }) => stdout,
    () => "",
  );
}

/** The server of an earlier start, if its process still lives. */
export async function findOrphan(folder: string): Promise<Postmaster | null> {
  const postmaster = await readPostmaster(folder);
  if (postmaster === null) return null;
  const { pid } = postmaster;
  if (isProcessAlive(pid) && (await commandOf(pid)).includes("postgres")) return postmaster;
  // The sessions of a killed server end by themselves, a moment after it; a new server must not start before.
  const deadline = performance.now() + stopTimeoutMs;
  while ((await processesIn(await realpath(folder))).length > 0) {
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresError(
        `Sessions of an earlier server (process ${pid}) still work in ${folder}.`,
      );
    }
    await delay(20);
  }
  // The number belongs to another program since a reboot, or to a process that has ended and whose parent has not
  // asked after it: PostgreSQL would take either for a running server.
  if (isListed(pid)) await rm(path.join(folder, "postmaster.pid"), { force: true });
  return null;
}

async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isProcessAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** Ends a server: sessions are cut and a checkpoint is written (SIGINT); after a while without that (SIGQUIT). */
export async function stopServer(pid: number): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    if (isProcessAlive(pid)) process.kill(pid, name);
  };
  signal("SIGINT");
  if (await waitUntilGone(pid, stopTimeoutMs)) return;
  signal("SIGQUIT");
  await waitUntilGone(pid, stopTimeoutMs);
}
