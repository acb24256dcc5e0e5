import { existsSync } from "node:fs";
import { join } from "node:path";
import { runningEmbeddedPostgres, startEmbeddedPostgres } from "@reprise/database";
import { UserError } from "../user-error.js";

type ReachedDatabase = { url: string; close(): Promise<void> };

/**
 * The database at DATABASE_URL, else the one of this data directory: that of the server that runs on it, or started for the
 * moment. It is not migrated.
 *
 * @throws {UserError} where there is none
 */
export async function reachDatabase(dataDirectory: string): Promise<ReachedDatabase> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, close: async () => {} };
  if (!existsSync(join(dataDirectory, "postgres.password")))
    throw new UserError(
      `${dataDirectory} holds no database. Name the folder of the server with --data, or set DATABASE_URL.`,
    );
  const running = await runningEmbeddedPostgres(dataDirectory);
  if (running !== null) return { url: running, close: async () => {} };
  const started = await startEmbeddedPostgres({ dataDirectory });
  return { url: started.url, close: () => started.stop() };
}

/**
 * An empty database to restore into: the one at DATABASE_URL, or one that is made in this data directory.
 *
 * @throws {UserError} where a server runs on it
 */
export async function emptyDatabase(dataDirectory: string): Promise<ReachedDatabase> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, close: async () => {} };
  if ((await runningEmbeddedPostgres(dataDirectory)) !== null)
    throw new UserError(
      `A server runs on ${dataDirectory}. Name another folder with --data, or stop it first.`,
    );
  const started = await startEmbeddedPostgres({ dataDirectory });
  return { url: started.url, close: () => started.stop() };
}
