import { type ExportedRuns, finalsOf, pointTime, runName } from "./exported-run.js";

/**
 * A run a line, in W&B's words: `id`, `name`, `group`, `job_type`, `tags`, `config`, `history` with `_step` and `_timestamp` (seconds),
 * `summary`. A loop of `wandb.init` and `run.log` over its lines imports it. NaN and ±Infinity are the texts by which W&B names them.
 */
export async function* wandbJsonLines(runs: ExportedRuns): AsyncGenerator<string> {
  for await (const exported of runs) {
    const { run, series } = exported;
    const rows = new Map<number, Record<string, unknown>>();
    for (const [metric, { steps, values, wallTimes }] of Object.entries(series)) {
      for (const [index, step] of steps.entries()) {
        const time = pointTime(run, wallTimes[index]);
        const row = rows.get(step) ?? { _step: step, ...(time === null ? {} : { _timestamp: time / 1000 }) };
        row[metric] = values[index];
        rows.set(step, row);
      }
    }
    const last = Object.entries(series).map(([metric, { values }]) => [metric, values.at(-1) ?? null]);
    yield `${JSON.stringify({
      id: run.id,
      name: runName(run),
      group: run.configurationLabel,
      job_type: run.arm,
      tags: run.tags,
      state: run.status,
      created_at: run.startedAt,
      config: { ...run.params, seed: run.seed, arm: run.arm, repeat: run.repeat },
      history: [...rows.values()].sort((a, b) => Number(a._step) - Number(b._step)),
      summary: { ...Object.fromEntries(last), ...Object.fromEntries(finalsOf(exported)) },
    })}\n`;
  }
}
