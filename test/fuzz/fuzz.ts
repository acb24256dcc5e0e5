/**
 * `npx pnpm fuzz [--seed n] [--requests n]`: sends requests that are drawn from `docs/openapi.json`, of which every test
 * run sends 500.
 */
import { parseArgs } from "node:util";
import { fuzzRequests, fuzzSeed } from "./how-many.js";

const { values } = parseArgs({
  options: { seed: { type: "string" }, requests: { type: "string", default: "5000" } },
});
process.env[fuzzRequests] = values.requests;
if (values.seed !== undefined) process.env[fuzzSeed] = values.seed;
process.argv.splice(2, Number.POSITIVE_INFINITY, "test/fuzz/fuzz.test.ts");
await import("../support/run-tests.js");
