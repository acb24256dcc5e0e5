// A trainer that may be started before its run is known, and tells how it was started: its process, when that began, its environment.
import { readFileSync, writeSync } from "node:fs";

if (process.argv.includes("--describe")) {
  const tiny = JSON.parse(readFileSync(new URL("capabilities.json", import.meta.url), "utf8"));
  const orders = { summationOrders: ["fixed", "free"], nondeterminismSource: "none" };
  console.log(JSON.stringify({ ...tiny, ...orders, name: "ahead", resume: false, startsAhead: true }));
  process.exit(0);
}

const emit = (event) => writeSync(3, `${JSON.stringify(event)}\n`);
let text = "";
process.on("SIGTERM", () => process.exit(0));
process.stdin.setEncoding("utf8");
process.stdin.on("end", () => process.exit(3));
process.stdin.on("data", (chunk) => {
  const complete = text.includes("\n");
  text += chunk;
  if (!complete && text.includes("\n")) train(JSON.parse(text));
});

function train({ parameters, backend, seed, traceparent = null }) {
  emit({
    type: "hello",
    name: "ahead",
    version: "1",
    effectiveParameters: parameters,
    backend: { requested: backend, used: "cpu" },
  });
  // All but the mark of this very process.
  const { REPRISE_EXECUTION: _, ...shared } = process.env;
  const variables = JSON.stringify(Object.entries(shared).sort());
  const started = { pid: process.pid, bornAt: performance.timeOrigin, variables };
  emit({ type: "environment", values: { ...started, traceparent } });
  emit({ type: "metric", key: "trainLoss", steps: [1], values: [seed] });
  setTimeout(() => {
    emit({ type: "done", digest: null, selectedEpoch: 1 });
    process.exit(0);
  }, parameters.pauseMs);
}
