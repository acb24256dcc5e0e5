import { migrate, NewerDatabaseError } from "@reprise/database";
import closeWithGrace from "close-with-grace";
import { ConfigError, createApi, parseConfig } from "./index.js";
import { createLogger } from "./logger.js";

/** The API alone, against the database at DATABASE_URL: brings the schema up to date and serves until it is told to stop. */
async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLogger(config.logLevel);
  const { applied } = await migrate(config.databaseUrl);
  if (applied.length > 0) log.info({ applied }, "database migrated");
  const api = createApi(config, { log });
  closeWithGrace({ delay: 10_000, logger: log }, async () => api.stop());
  await api.start();
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError || error instanceof NewerDatabaseError ? error.message : error);
  process.exit(1);
});
