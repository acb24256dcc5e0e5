/** `npx pnpm faults`: plants all hundred faults, of which every test run draws twenty. */
import { plantedFaults } from "./how-many.js";

process.env[plantedFaults] = "all";
process.argv.push("test/faults/planted-faults.test.ts");
await import("../support/run-tests.js");
