import { type ApiConfig, createApi } from "@reprise/api";
import { buildTrainer, tfjsTrainerCommand } from "@reprise/tfjs-trainer";
import { createWorker, readWorkerConfig } from "@reprise/worker";
import { apiAt } from "./api.js";
import { testDatabase } from "./postgres.js";

/** How tests configure the API: open to this machine on a free port, silent, everything computed where it is asked for. */
export const testApiConfig = (databaseUrl: string, overrides: Partial<ApiConfig> = {}): ApiConfig => ({
  host: "127.0.0.1",
  port: 0,
  databaseUrl,
  redisUrl: null,
  dashboardDirectory: "/nonexistent",
  authentication: { mode: "off" },
  allowedHosts: [],
  webhookHosts: [],
  bodyLimit: 1024 * 1024,
  dataDirectory: "/nonexistent",
  fileLimit: 1024 * 1024,
  runFilesLimit: 1_000,
  runBytesLimit: 1024 * 1024 * 1024,
  requestsPerMinute: 100_000,
  computeThreads: 0,
  retention: { keepLogsDays: null, keepCheckpointsDays: null },
  loggedRunLeaseMs: 600_000,
  checkAnswers: true,
  logLevel: "silent",
  ...overrides,
});

/** A server as it is started for real, on a database of its own; `close` stops it and what was started for it. */
export async function startTestServer() {
  const database = await testDatabase();
  const server = createApi(testApiConfig(database.url));
  const { url } = await server.start();
  const closing: Array<() => Promise<unknown>> = [() => database.drop(), () => server.stop()];
  return {
    url,
    databaseUrl: database.url,
    api: apiAt(url),
    /** A worker in this process with the built-in trainer. */
    async startWorker(name: string, dataDirectory: string, env: Record<string, string> = {}): Promise<void> {
      await buildTrainer();
      const worker = createWorker({
        ...readWorkerConfig({ DATABASE_URL: database.url, REPRISE_DATA_DIR: dataDirectory }),
        name,
        logLevel: "silent",
        trainers: [{ name: "tfjs", ...tfjsTrainerCommand(), env }],
      });
      closing.push(() => worker.stop());
      await worker.start();
    },
    async close() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}
