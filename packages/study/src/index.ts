export * from "./digests.js";
export * from "./expand-sweep.js";
export * from "./presets.js";
export * from "./sweep-design.js";
