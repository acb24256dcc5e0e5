export { UnreadableSource } from "./files/reading.js";
export { type ReadOptions, readForeignRuns } from "./read-foreign-runs.js";
export { createTidying } from "./tidying.js";
