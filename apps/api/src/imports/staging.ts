import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { importLimits } from "@reprise/contracts";
import type { ApiContext } from "../context.js";
import { problem } from "../http/problems.js";
import { chunksOf } from "../http/refused-body.js";
import { type ForeignReader, type GivenUp, inlineReader, processReader } from "./foreign-reader.js";
import { refusedPath, safeParts } from "./safe-parts.js";

/** Files of one import, before anything is written to the database. */
export type Session = {
  id: string;
  /** Uploaded files, below it by their own places. */
  folder: string;
  bytes: number;
  files: number;
  /** When it was used last, on a clock that nobody sets: one put an hour on would take an import away in the middle. */
  usedAt: number;
  reader: ForeignReader;
};

export type Staging = {
  open(): Promise<Session>;
  /** The session, whose hour begins anew. @throws {ProblemError} */
  session(id: string): Session;
  remove(id: string): Promise<void>;
  close(): Promise<void>;
};

const hourMs = 60 * 60_000;

/** When an import that nobody uses from now on is removed. */
export const expiryOf = ({ usedAt }: Session) => new Date(Date.now() + hourMs - (performance.now() - usedAt));

/** Imports that are being prepared at once: each may hold its runs in memory. */
const mostSessions = 16;
const prefix = "reprise-import-";

/** Folders of servers that were killed: nobody else removes them. */
async function removeOrphans(): Promise<void> {
  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  };
  const names = await readdir(tmpdir());
  const orphans = names.filter((name) => {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  for (const name of orphans) await rm(join(tmpdir(), name), { recursive: true, force: true });
}

/**
 * Where imports gather their files: a folder for each in the machine's temporary folder, removed with its import, after an hour
 * without use, when the server ends, and when the next one starts.
 */
export function createStaging({ config, db }: Pick<ApiContext, "config" | "db">): Staging {
  const sessions = new Map<string, Session>();
  let root: Promise<string> | null = null;
  const makeRoot = async () => {
    await removeOrphans();
    return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  };
  const remove = async (id: string, why: GivenUp = "discarded") => {
    const session = sessions.get(id);
    if (!session) return;
    sessions.delete(id);
    await session.reader.close(why);
    await rm(dirname(session.folder), { recursive: true, force: true });
  };
  const expire = async () => {
    const unusedSince = performance.now() - hourMs;
    for (const { id, usedAt } of [...sessions.values()]) if (usedAt < unusedSince) await remove(id);
  };
  const sweeper = setInterval(() => void expire(), 60_000);
  sweeper.unref();
  return {
    open: async () => {
      await expire();
      if (sessions.size >= mostSessions) {
        throw problem(
          "conflict",
          `${sessions.size} imports are being prepared. Finish or discard one, or try again when their hour is over.`,
        );
      }
      root ??= makeRoot();
      const id = randomUUID();
      const folder = join(await root, id, "files");
      await mkdir(folder, { recursive: true });
      const reader =
        config.computeThreads === 0
          ? inlineReader(db, folder)
          : processReader({ databaseUrl: config.databaseUrl, folder });
      const session = { id, folder, bytes: 0, files: 0, usedAt: performance.now(), reader };
      sessions.set(id, session);
      return session;
    },
    session: (id) => {
      const session = sessions.get(id);
      if (!session) throw problem("not-found", `There is no import ${id}, or it was not used for an hour.`);
      session.usedAt = performance.now();
      return session;
    },
    remove: (id) => remove(id),
    close: async () => {
      clearInterval(sweeper);
      for (const id of [...sessions.keys()]) await remove(id, "stopping");
      if (root) await rm(await root, { recursive: true, force: true });
    },
  };
}

/** Counts bytes as they come, and ends the stream where there are too many. */
function counting(session: Session, path: string): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      session.bytes += chunk.length;
      if (session.bytes <= importLimits.totalBytes) return done(null, chunk);
      done(
        problem(
          "payload-too-large",
          `With ${path} the files of this import are more than ${importLimits.totalBytes / 1024 ** 3} GiB. Run \`reprise import\` on the machine that has them.`,
        ),
      );
    },
  });
}

/** Writes an uploaded file as it arrives. @returns its bytes */
export async function receiveFile(session: Session, path: string, body: Readable): Promise<number> {
  const target = join(session.folder, ...safeParts(path));
  session.files += 1;
  if (session.files > importLimits.files) {
    throw problem(
      "payload-too-large",
      `More than ${importLimits.files} files cannot be uploaded; send them as a zip.`,
    );
  }
  const before = session.bytes;
  await session.reader.forget();
  await mkdir(dirname(target), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw refusedPath(path, `a file stands where its folder should be (${error.code})`);
  });
  const place = await stat(target).catch(() => null);
  if (place?.isDirectory()) throw refusedPath(path, "it is a folder of other files of this import");
  await pipeline(chunksOf(body), counting(session, path), createWriteStream(target)).catch(
    async (error: unknown) => {
      await rm(target, { force: true });
      throw error;
    },
  );
  return session.bytes - before;
}
