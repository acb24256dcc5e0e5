import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  fieldErrorLine,
  leaseSeconds,
  parseWith,
  type RetentionPlan,
  retentionPlan,
} from "@reprise/contracts";
import { z } from "zod";

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** An empty variable counts as unset, as in shells and compose files. */
const unset = (value: unknown) => (value === "" ? undefined : value);
const variable = <T extends z.ZodType>(type: T) => z.preprocess(unset, type);

const builtDashboard = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

const environment = z.object({
  REPRISE_HOST: variable(z.string().default("127.0.0.1")),
  REPRISE_PORT: variable(z.coerce.number().int().min(0).max(65_535).default(3000)),
  DATABASE_URL: variable(z.url({ protocol: /^postgres(ql)?$/ })),
  REDIS_URL: variable(z.url({ protocol: /^rediss?$/ }).optional()),
  REPRISE_DASHBOARD_DIR: variable(z.string().default(builtDashboard)),
  REPRISE_AUTH: variable(z.enum(["auto", "off", "token"]).default("auto")),
  REPRISE_TOKEN: variable(
    z.string().min(16, "at least 16 characters, so that it cannot be guessed").optional(),
  ),
  REPRISE_ALLOWED_HOSTS: variable(z.string().default("")),
  REPRISE_WEBHOOK_HOSTS: variable(z.string().default("")),
  REPRISE_BODY_LIMIT: variable(
    z.coerce
      .number()
      .int()
      .min(1024)
      .default(4 * 1024 * 1024),
  ),
  REPRISE_REQUESTS_PER_MINUTE: variable(z.coerce.number().int().min(1).default(12_000)),
  REPRISE_COMPUTE_THREADS: variable(
    z.coerce
      .number()
      .int()
      .min(0)
      .max(64)
      .default(Math.min(2, Math.max(1, availableParallelism() - 1))),
  ),
  REPRISE_DATA_DIR: variable(z.string().default("data")),
  REPRISE_FILE_LIMIT: variable(
    z.coerce
      .number()
      .int()
      .min(1024)
      .default(256 * 1024 * 1024),
  ),
  REPRISE_RUN_FILES_LIMIT: variable(z.coerce.number().int().min(1).default(1_000)),
  REPRISE_RUN_BYTES_LIMIT: variable(
    z.coerce
      .number()
      .int()
      .min(1024)
      .default(4 * 1024 * 1024 * 1024),
  ),
  REPRISE_KEEP_LOGS_DAYS: variable(retentionPlan.shape.keepLogsDays),
  REPRISE_KEEP_CHECKPOINTS_DAYS: variable(retentionPlan.shape.keepCheckpointsDays),
  REPRISE_LOGGED_RUN_LEASE_SECONDS: variable(z.coerce.number().pipe(leaseSeconds).default(600)),
  REPRISE_CHECK_ANSWERS: variable(z.stringbool().default(false)),
  REPRISE_LOG_LEVEL: variable(z.enum(logLevels).default("info")),
});

type Authentication = { mode: "off" } | { mode: "token"; token: string };

/** Everything the server can be told from outside, parsed once and passed down. */
export type ApiConfig = {
  host: string;
  /** 0 takes a free port. */
  port: number;
  databaseUrl: string;
  /** Null: the queue lives in PostgreSQL too. */
  redisUrl: string | null;
  /** Folder of the built dashboard; it may not exist. */
  dashboardDirectory: string;
  authentication: Authentication;
  /** Names beside localhost under which browsers may reach this server. */
  allowedHosts: string[];
  /** Hosts of private networks to which webhooks may lead all the same. */
  webhookHosts: string[];
  /** Bytes. Statistics take larger bodies. */
  bodyLimit: number;
  /** Files that runs trained elsewhere hand over are stored below it: that of the workers, where there are any on this machine. */
  dataDirectory: string;
  /** Bytes of one such file. */
  fileLimit: number;
  /** How many of them a run may have. */
  runFilesLimit: number;
  /** Bytes of all of them together, of one run. */
  runBytesLimit: number;
  requestsPerMinute: number;
  /** Worker threads for statistics, analyses, comparisons and audits; 0 computes on the event loop, where others wait. */
  computeThreads: number;
  /** How long logs and checkpoints are kept. */
  retention: RetentionPlan;
  /** So long a program that trains a run elsewhere may be silent, where it asked for nothing else. */
  loggedRunLeaseMs: number;
  /** Whether answers that are built as the contract has them are checked against it before they are sent: for tests. */
  checkAnswers: boolean;
  logLevel: (typeof logLevels)[number];
};

/** The environment does not describe a server that may be started; the message has a line per variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Reads the configuration from environment variables.
 * @throws {ConfigError} naming every wrong variable, or when the address is reachable from outside without a token.
 */
export function parseConfig(variables: Record<string, string | undefined>): ApiConfig {
  const parsed = parseWith(environment, variables);
  if (!parsed.ok) throw new ConfigError(parsed.errors.map(fieldErrorLine).join("\n"));
  const env = parsed.value;
  return checkConfig({
    host: env.REPRISE_HOST,
    port: env.REPRISE_PORT,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL ?? null,
    dashboardDirectory: env.REPRISE_DASHBOARD_DIR,
    authentication: authenticationFrom(env.REPRISE_AUTH, env.REPRISE_TOKEN),
    allowedHosts: hostsIn(env.REPRISE_ALLOWED_HOSTS),
    webhookHosts: hostsIn(env.REPRISE_WEBHOOK_HOSTS),
    bodyLimit: env.REPRISE_BODY_LIMIT,
    dataDirectory: resolve(env.REPRISE_DATA_DIR),
    fileLimit: env.REPRISE_FILE_LIMIT,
    runFilesLimit: env.REPRISE_RUN_FILES_LIMIT,
    runBytesLimit: env.REPRISE_RUN_BYTES_LIMIT,
    requestsPerMinute: env.REPRISE_REQUESTS_PER_MINUTE,
    computeThreads: env.REPRISE_COMPUTE_THREADS,
    retention: {
      keepLogsDays: env.REPRISE_KEEP_LOGS_DAYS,
      keepCheckpointsDays: env.REPRISE_KEEP_CHECKPOINTS_DAYS,
    },
    loggedRunLeaseMs: env.REPRISE_LOGGED_RUN_LEASE_SECONDS * 1000,
    checkAnswers: env.REPRISE_CHECK_ANSWERS,
    logLevel: env.REPRISE_LOG_LEVEL,
  });
}

const hostsIn = (text: string) =>
  text
    .split(",")
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== "");

function authenticationFrom(mode: "auto" | "off" | "token", token: string | undefined): Authentication {
  if (mode === "off" || (mode === "auto" && token === undefined)) return { mode: "off" };
  if (token === undefined)
    throw new ConfigError("REPRISE_TOKEN: REPRISE_AUTH=token needs the administrator's token");
  return { mode: "token", token };
}

/** Refuses what would put an open server on a network. @throws {ConfigError} */
export function checkConfig(config: ApiConfig): ApiConfig {
  if (!isLoopback(config.host) && config.authentication.mode === "off") {
    throw new ConfigError(
      `REPRISE_HOST: ${config.host} can be reached from other machines. Set REPRISE_TOKEN, or stay on 127.0.0.1`,
    );
  }
  return config;
}

function maskUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.password) parsed.password = "***";
  return parsed.toString();
}

/** The configuration as it may be printed: passwords and tokens are masked. */
export function describeConfig(config: ApiConfig): Record<string, unknown> {
  return {
    ...config,
    databaseUrl: maskUrl(config.databaseUrl),
    redisUrl: config.redisUrl === null ? null : maskUrl(config.redisUrl),
    authentication: config.authentication.mode === "off" ? "off" : "token ***",
  };
}
