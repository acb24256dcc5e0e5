// Teaches the process to read TypeScript, whatever the server was started with.
import { register } from "tsx/esm/api";

register();
await import("./import-process.ts");
