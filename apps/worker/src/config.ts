import { hostname } from "node:os";
import { resolve } from "node:path";
import type { EnergySettings, TrainerCommandInput } from "@reprise/trainers";
import { z } from "zod";
import { ConfigError, readWorkerFile } from "./config-file.js";
import { endless, type Lifetime } from "./lifetime.js";

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const environment = z.object({
  DATABASE_URL: z.string({ error: "DATABASE_URL is needed: the PostgreSQL that the server uses" }).min(1),
  REDIS_URL: z.string().min(1).optional(),
  REPRISE_WORKER_CONFIG: z.string().min(1).optional(),
  REPRISE_WORKER_NAME: z.string().min(1).max(100).optional(),
  SLURM_JOB_ID: z.string().optional(),
  SLURM_NTASKS: z.string().optional(),
  SLURM_PROCID: z.string().optional(),
  REPRISE_DATA_DIR: z.string().min(1).default("data"),
  REPRISE_QUEUE_PREFIX: z.string().min(1).optional(),
  REPRISE_TRAINER_NICENESS: z.coerce.number().int().min(0).max(19).default(0),
  REPRISE_LOG_LEVEL: z.enum(logLevels).optional(),
  LOG_LEVEL: z.enum(logLevels).optional(),
});

/** Jobs of one file, or on one machine, are workers of their own, and so are the tasks of a job that has several. */
function nameInJob(name: string, env: z.infer<typeof environment>): string {
  const { SLURM_JOB_ID: job, SLURM_NTASKS: tasks, SLURM_PROCID: task } = env;
  const places = [job, Number(tasks) > 1 ? task : undefined];
  return [name, ...places.filter((place) => place !== undefined)].join("-");
}

export type WorkerConfig = {
  name: string;
  databaseUrl: string;
  /** Null: the queue lives in PostgreSQL. */
  redisUrl: string | null;
  queuePrefix: string | null;
  /** Outputs of trainers, checkpoints and the spool lie below it. */
  dataDirectory: string;
  logLevel: (typeof logLevels)[number];
  labels: Record<string, string>;
  trainers: TrainerCommandInput[];
  lifetime: Lifetime;
  energy: EnergySettings;
  /** Runs on the processor at a time, at most. */
  slots: number;
  /** How far its trainers let other programs of the machine compute first: 0 to 19. */
  niceness: number;
  quarantineAfter: number;
  shutdownGraceMs: number;
  cancelGraceMs: number;
  heartbeatMs: number;
  leaseMs: number;
  batchMs: number;
};

/**
 * The worker's configuration from environment variables and the YAML file that `REPRISE_WORKER_CONFIG` names.
 * @throws ConfigError that names the variable or the place in the file.
 */
export function readWorkerConfig(variables: NodeJS.ProcessEnv): WorkerConfig {
  const filled = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(filled);
  if (!parsed.success) throw new ConfigError(z.prettifyError(parsed.error));
  const env = parsed.data;
  const file = readWorkerFile(env.REPRISE_WORKER_CONFIG);
  return {
    name: env.REPRISE_WORKER_NAME ?? nameInJob(file.name ?? hostname(), env),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL ?? null,
    queuePrefix: env.REPRISE_QUEUE_PREFIX ?? null,
    dataDirectory: resolve(env.REPRISE_DATA_DIR),
    logLevel: env.REPRISE_LOG_LEVEL ?? env.LOG_LEVEL ?? "info",
    labels: file.labels,
    trainers: file.trainers,
    lifetime: endless,
    energy: file.energy,
    slots: file.slots,
    niceness: env.REPRISE_TRAINER_NICENESS,
    quarantineAfter: file.quarantineAfter,
    shutdownGraceMs: file.shutdownGraceSeconds * 1000,
    cancelGraceMs: file.cancelGraceSeconds * 1000,
    // Four in a lease: one that is late loses no run.
    heartbeatMs: file.leaseSeconds * 250,
    leaseMs: file.leaseSeconds * 1000,
    batchMs: 1_000,
  };
}

/** The configuration as it may be printed: passwords masked, variables of trainers by name only. */
export function printableConfig(config: WorkerConfig): Record<string, unknown> {
  return {
    ...config,
    databaseUrl: maskUrl(config.databaseUrl),
    redisUrl: config.redisUrl === null ? null : maskUrl(config.redisUrl),
    trainers: config.trainers.map(({ name, command, args = [], env = {} }) => ({
      name,
      command: [command, ...args].join(" "),
      variables: Object.keys(env),
    })),
  };
}

function maskUrl(text: string): string {
  try {
    const url = new URL(text);
    if (url.password) url.password = "***";
    for (const key of [...url.searchParams.keys()]) {
      if (/pass|token|secret|key/i.test(key)) url.searchParams.set(key, "***");
    }
    return url.toString();
  } catch {
    return "***";
  }
}
