import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type MadeRun = {
  id: string;
  status?: "FINISHED" | "FAILED" | "RUNNING";
  params: Record<string, string>;
  /** A value an epoch, from 0. */
  metrics: Record<string, (number | string)[]>;
  commit?: string;
};

const statuses = { RUNNING: 1, FINISHED: 3, FAILED: 4 };
const begun = 1_700_000_000_000;

/** Writes runs as MLflow's file store has them, below a folder: `mlruns/1/<id>/…`. */
export function writeMlflowStudy(folder: string, runs: readonly MadeRun[]): string {
  const experiment = join(folder, "mlruns", "1");
  mkdirSync(experiment, { recursive: true });
  writeFileSync(
    join(experiment, "meta.yaml"),
    "artifact_location: x\nexperiment_id: '1'\nlifecycle_stage: active\nname: study\n",
  );
  for (const [index, { id, status = "FINISHED", params, metrics, commit }] of runs.entries()) {
    const own = join(experiment, id);
    const start = begun + 60_000 * index;
    for (const part of ["params", "metrics", "tags", "artifacts"])
      mkdirSync(join(own, part), { recursive: true });
    writeFileSync(
      join(own, "meta.yaml"),
      [
        `artifact_uri: x`,
        `end_time: ${status === "RUNNING" ? "null" : start + 30_000}`,
        `entry_point_name: ''`,
        `experiment_id: '1'`,
        `lifecycle_stage: active`,
        `run_id: ${id}`,
        `run_name: run ${index}`,
        `run_uuid: ${id}`,
        `source_name: ''`,
        `source_type: 4`,
        `source_version: ''`,
        `start_time: ${start}`,
        `status: ${statuses[status]}`,
        `tags: []`,
        `user_id: someone`,
        "",
      ].join("\n"),
    );
    for (const [name, value] of Object.entries(params)) writeFileSync(join(own, "params", name), value);
    if (commit) writeFileSync(join(own, "tags", "mlflow.source.git.commit"), commit);
    for (const [name, values] of Object.entries(metrics))
      writeFileSync(
        join(own, "metrics", name),
        values.map((value, step) => `${start + 1000 * step} ${value} ${step}\n`).join(""),
      );
  }
  return folder;
}

/** Two optimizers × three seeds × a deterministic arm of two equal repeats and a free one of three. */
export function madeStudy(): MadeRun[] {
  const runs: MadeRun[] = [];
  for (const [o, optimizer] of ["adam", "sgd"].entries())
    for (const [s, seed] of ["3", "14", "159"].entries())
      for (const [flag, repeats] of [
        ["True", 2],
        ["False", 3],
      ] as const)
        for (let repeat = 0; repeat < repeats; repeat++) {
          const accuracy = 0.8 + 0.05 * o + 0.004 * s + (flag === "True" ? 0 : 0.003 * (repeat + 1));
          runs.push({
            id: (runs.length + 1).toString(16).padStart(32, "a"),
            params: {
              optimizer,
              seed,
              deterministic: flag,
              epochs: "3",
              job_id: String(5_000 + runs.length),
            },
            metrics: {
              val_acc: [accuracy - 0.2, accuracy - 0.1, accuracy],
              train_loss: [1, 0.7, 0.5 - accuracy / 10],
            },
          });
        }
  return runs;
}
