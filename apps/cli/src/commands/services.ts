import { builtInTrainer } from "@reprise/contracts";
import type { Command } from "commander";
import { prepareDatabaseClient, prepareTrainer } from "../machine/prepare.js";
import { readyTrainers } from "../machine/ready-trainers.js";
import { reportToSupervisor } from "../machine/supervisor.js";
import { duration } from "./options.js";

/** `reprise api`: the API in this process, configured by the environment. */
export function apiCommand(command: Command): void {
  command.action(async () => {
    await prepareDatabaseClient();
    const [{ createApi, parseConfig }, { migrate }] = await Promise.all([
      import("@reprise/api"),
      import("@reprise/database"),
    ]);
    const config = parseConfig(process.env);
    await migrate(config.databaseUrl);
    const api = createApi(config);
    const { url } = await api.start();
    reportToSupervisor(url, () => api.stop());
  });
}

type WorkerOptions = { drain?: boolean; maxIdle?: number; maxTime?: number };

/** `reprise worker`: a worker in this process, configured by the environment. */
export function workerCommand(command: Command): void {
  command
    .option("--drain", "end as soon as no run is queued that this worker could train")
    .option(
      "--max-idle <duration>",
      "end when it has had nothing to train for so long, such as 10m",
      duration,
    )
    .option(
      "--max-time <duration>",
      "end after so long, such as 23.5h; what still trains is given back",
      duration,
    )
    .action(async ({ drain = false, maxIdle, maxTime }: WorkerOptions) => {
      await Promise.all([prepareDatabaseClient(), prepareTrainer()]);
      const [{ createWorker, readWorkerConfig }, { tfjsTrainerCommand }] = await Promise.all([
        import("@reprise/worker"),
        import("@reprise/tfjs-trainer"),
      ]);
      const config = readWorkerConfig(process.env);
      const taken = config.trainers.map(({ name }) => name);
      const worker = createWorker({
        ...config,
        trainers: [
          ...(taken.includes(builtInTrainer) ? [] : [{ name: builtInTrainer, ...tfjsTrainerCommand() }]),
          ...readyTrainers(process.env, taken),
          ...config.trainers,
        ],
        lifetime: { drain, maxIdleMs: maxIdle ?? null, maxTimeMs: maxTime ?? null },
      });
      void worker.finished.then(() => process.exit(0));
      await worker.start();
      reportToSupervisor(config.name, () => worker.stop());
    });
}
