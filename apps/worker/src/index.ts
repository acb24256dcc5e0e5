export { printableConfig, readWorkerConfig, type WorkerConfig } from "./config.js";
export { ConfigError, readWorkerFile } from "./config-file.js";
export { createWorker, type Worker } from "./worker.js";
