import { decodeNumber } from "@reprise/contracts";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type ExportedRuns, finalsOf } from "./exported-run.js";

/** A point a row, as {@link longCsv}; values are doubles with NaN and ±Infinity as such, a final value has a null step. */
export async function runsParquet(runs: ExportedRuns): Promise<Uint8Array> {
  const columns = {
    run: [] as string[],
    configuration: [] as string[],
    seed: [] as number[],
    arm: [] as string[],
    repeat: [] as number[],
    status: [] as string[],
    metric: [] as string[],
    step: [] as (number | null)[],
    value: [] as number[],
    seconds: [] as (number | null)[],
  };
  for await (const exported of runs) {
    const { run, series } = exported;
    const add = (metric: string, step: number | null, value: number, seconds: number | null) => {
      columns.run.push(run.id);
      columns.configuration.push(run.configurationLabel);
      columns.seed.push(run.seed);
      columns.arm.push(run.arm);
      columns.repeat.push(run.repeat);
      columns.status.push(run.status);
      columns.metric.push(metric);
      columns.step.push(step);
      columns.value.push(value);
      columns.seconds.push(seconds);
    };
    for (const [metric, { steps, values, wallTimes }] of Object.entries(series)) {
      for (const [index, step] of steps.entries())
        add(metric, step, decodeNumber(values[index] ?? "NaN"), wallTimes[index] ?? null);
    }
    for (const [metric, value] of finalsOf(exported)) add(metric, null, Number(value), null);
  }
  const text = (name: "run" | "configuration" | "arm" | "status" | "metric") => ({
    name,
    data: columns[name],
    type: "STRING" as const,
  });
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        text("run"),
        text("configuration"),
        { name: "seed", data: columns.seed, type: "DOUBLE" },
        text("arm"),
        { name: "repeat", data: columns.repeat, type: "INT32" },
        text("status"),
        text("metric"),
        { name: "step", data: columns.step, type: "INT32", nullable: true },
        { name: "value", data: columns.value, type: "DOUBLE" },
        { name: "seconds", data: columns.seconds, type: "DOUBLE", nullable: true },
      ],
    }),
  );
}
