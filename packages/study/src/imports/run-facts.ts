import { createHash } from "node:crypto";
import type { ForeignRun, RunFacts } from "@reprise/contracts";
import { isTiming } from "./column-names.js";

/** All that was logged and is no time, as bytes; two runs with one digest are equal as logged, and no more is known. */
function valuesDigest({ metrics, summary }: ForeignRun): string | null {
  const series = Object.keys(metrics).filter((name) => !isTiming(name));
  const finals = Object.keys(summary).filter((name) => !isTiming(name));
  if (series.length + finals.length === 0) return null;
  const hash = createHash("sha256");
  for (const name of series.sort()) {
    const { steps, values } = metrics[name] ?? { steps: [], values: [] };
    hash.update(`${name}\n${steps.length}\n`);
    hash.update(new Uint8Array(Float64Array.from([...steps, ...values]).buffer));
  }
  for (const name of finals.sort()) hash.update(`${name}=${summary[name]}\n`);
  return hash.digest("hex");
}

/** What inference needs of a run, without its histories. */
export function factsOf(run: ForeignRun): RunFacts {
  const { source, name, params, tags, status, startedAt, gitCommit, host, error, group, doubtful } = run;
  const histories = Object.entries(run.metrics).map(([key, { steps, values }]) => [
    key,
    {
      points: steps.length,
      lastStep: steps.reduce((last, step) => Math.max(last, step), -1),
      finite: values.every(Number.isFinite),
    },
  ]);
  const finals = Object.entries(run.summary)
    .filter(([key]) => !Object.hasOwn(run.metrics, key))
    .map(([key, value]) => [key, { points: 0, lastStep: -1, finite: Number.isFinite(value) }]);
  return {
    ...{ source, name, params, tags, status, startedAt, gitCommit, host, error, group, doubtful },
    metrics: Object.fromEntries([...histories, ...finals]),
    valuesDigest: valuesDigest(run),
    isFloat32: Object.values(run.metrics).some(({ precision }) => precision === "float32"),
  };
}
