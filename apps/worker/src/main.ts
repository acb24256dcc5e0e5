import { NewerDatabaseError } from "@reprise/database";
import closeWithGrace from "close-with-grace";
import { readWorkerConfig } from "./config.js";
import { ConfigError } from "./config-file.js";
import { createWorker } from "./worker.js";

/**
 * A worker of its own, for machines that only train: configured by environment variables and
 * REPRISE_WORKER_CONFIG.
 */
try {
  const config = readWorkerConfig(process.env);
  const worker = createWorker(config);
  const longest = config.shutdownGraceMs + config.cancelGraceMs + 15_000;
  closeWithGrace({ delay: longest }, async ({ err }) => {
    if (err) console.error(err);
    await worker.stop();
  });
  await worker.start();
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof NewerDatabaseError ? error.message : error);
  process.exit(1);
}
