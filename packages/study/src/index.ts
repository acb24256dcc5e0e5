export * from "./check-against-trainer.js";
export * from "./design-warnings.js";
export * from "./digests.js";
export * from "./expand-sweep.js";
export * from "./presets.js";
export * from "./run-filter.js";
export * from "./sweep-design.js";
