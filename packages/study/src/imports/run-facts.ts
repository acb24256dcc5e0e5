import { createHash } from "node:crypto";
import type { ForeignRun, RunFacts } from "@reprise/contracts";
import { isTiming } from "./column-names.js";

/** Numbers as eight bytes each, written over by the next call. */
let room = new Float64Array(1 << 12);
function bytesOf(...lists: readonly (readonly number[])[]): Uint8Array {
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  if (room.length < length) room = new Float64Array(2 * length);
  let at = 0;
  for (const list of lists)
    for (let index = 0; index < list.length; index += 1) room[at++] = list[index] ?? 0;
  return new Uint8Array(room.buffer, 0, 8 * length);
}

/** All that was logged and is no time, as bytes; two runs with one digest are equal as logged, and no more is known. */
function valuesDigest({ metrics, summary }: ForeignRun): string | null {
  const series = Object.keys(metrics).filter((name) => !isTiming(name));
  const finals = Object.keys(summary).filter((name) => !isTiming(name));
  if (series.length + finals.length === 0) return null;
  const hash = createHash("sha256");
  for (const name of series.sort()) {
    const { steps, values } = metrics[name] ?? { steps: [], values: [] };
    hash.update(`${name}\n${steps.length}\n`);
    hash.update(bytesOf(steps, values));
  }
  for (const name of finals.sort()) hash.update(`${name}=${summary[name]}\n`);
  return hash.digest("hex");
}

function greatest(steps: readonly number[]): number {
  let last = -1;
  for (const step of steps) if (step > last) last = step;
  return last;
}

/** What inference needs of a run, without its histories. */
export function factsOf(run: ForeignRun): RunFacts {
  const { source, name, params, tags, status, startedAt, gitCommit, host, error, group, doubtful } = run;
  const histories = Object.entries(run.metrics).map(([key, { steps, values }]) => [
    key,
    {
      points: steps.length,
      lastStep: greatest(steps),
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
    tables: run.tables.map(({ name: table }) => table),
    isFloat32: Object.values(run.metrics).some(({ precision }) => precision === "float32"),
  };
}
