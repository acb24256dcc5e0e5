export * from "./classification-metrics.js";
export * from "./errors.js";
