export { printableConfig, readWorkerConfig, type WorkerConfig } from "./config.js";
export { ConfigError, readWorkerFile } from "./config-file.js";
export type { Lifetime } from "./lifetime.js";
export { createWorker, type Worker } from "./worker.js";
