export * from "./capabilities.js";
export * from "./dataset.js";
export * from "./decision.js";
export * from "./execution.js";
export * from "./numbers.js";
export * from "./suggestions.js";
export * from "./trainer-protocol.js";
