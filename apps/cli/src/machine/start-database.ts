import { join, relative } from "node:path";
import { startedEndpoint } from "../server/endpoint.js";
import { UserError } from "../user-error.js";
import { say } from "./say.js";

type RunningDatabase = { url: string; description: string; stop(): Promise<void> };

/** The database at DATABASE_URL, else an embedded one below the data directory, which is kept alive; migrated. */
export async function startDatabase(dataDirectory: string): Promise<RunningDatabase> {
  const { InstanceRunningError, migrate, startEmbeddedPostgres } = await import("@reprise/database");
  const given = process.env.DATABASE_URL;
  if (given) {
    await migrate(given);
    return { url: given, description: "PostgreSQL at DATABASE_URL", stop: async () => {} };
  }
  const embedded = await startEmbeddedPostgres({
    dataDirectory,
    onChange: (what) => say("database", what),
  }).catch((error) => {
    if (error instanceof InstanceRunningError) {
      const url = startedEndpoint(dataDirectory);
      throw new UserError(`${error.message}${url === null ? "" : ` It answers at ${url}.`}`);
    }
    throw error;
  });
  try {
    await migrate(embedded.url);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  const folder = relative(".", join(dataDirectory, "postgres"));
  return {
    url: embedded.url,
    description: `embedded PostgreSQL, ${folder}${embedded.adopted ? " (taken over from a start that was killed)" : ""}`,
    stop: () => embedded.stop(),
  };
}
