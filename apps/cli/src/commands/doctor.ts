import { execFile } from "node:child_process";
import { availableParallelism, freemem, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { probeTfjsBackends } from "@reprise/tfjs-trainer";
import type { Command } from "commander";
import { cpu, osInfo } from "systeminformation";
import { findChromium } from "../machine/find-chromium.js";
import { prepareDatabaseClient, prepareTrainer } from "../machine/prepare.js";

const run = promisify(execFile);
type Finding = { works: boolean | null; detail: string };

export function doctorCommand(command: Command): void {
  command.action(async () => {
    await prepareDatabaseClient();
    print("machine", await machine());
    print("GPU", await gpu());
    await prepareTrainer();
    const probes = await probeTfjsBackends();
    for (const { backend, works, software, detail } of probes) {
      print(`tfjs ${backend}`, {
        works,
        detail: `${detail}${software ? ": in software, never chosen" : ""}`,
      });
    }
    print("PostgreSQL", await postgres());
    print("Redis", await redis());
    print("Chromium", chromium());
    const chosen = probes.find(({ works, software }) => works && !software)?.backend ?? "none";
    console.log(
      `\nbackend: auto means ${chosen} here. A study that asks for another backend gets that one, or is refused.`,
    );
    process.exitCode = probes.some((probe) => probe.backend === "wasm" && probe.works) ? 0 : 1;
  });
}

function print(what: string, { works, detail }: Finding): void {
  const mark = works === null ? " " : works ? "✓" : "✗";
  console.log(`${mark} ${what.padEnd(15)}${detail}`);
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

async function machine(): Promise<Finding> {
  const [processor, system] = await Promise.all([cpu(), osInfo()]);
  return {
    works: null,
    detail: `${system.distro || type()} ${system.release}, ${processor.manufacturer} ${processor.brand}, ${availableParallelism()} cores, ${gigabytes(totalmem())} memory (${gigabytes(freemem())} free), Node ${process.versions.node}`,
  };
}

async function gpu(): Promise<Finding> {
  try {
    const { stdout } = await run("nvidia-smi", [
      "--query-gpu=name,driver_version,memory.total",
      "--format=csv,noheader",
    ]);
    return { works: true, detail: stdout.trim().split("\n").join("; ") };
  } catch {
    return { works: false, detail: "no NVIDIA GPU (nvidia-smi does not answer)" };
  }
}

async function postgres(): Promise<Finding> {
  const { connectDatabase, embeddedPostgresVersion, isReachable } = await import("@reprise/database");
  const url = process.env.DATABASE_URL;
  if (!url) {
    const version = await embeddedPostgresVersion().catch((error) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    return version instanceof Error
      ? { works: false, detail: version.message }
      : { works: true, detail: `embedded ${version}` };
  }
  const database = connectDatabase({ url });
  const reachable = await isReachable(database);
  await database.close();
  return { works: reachable, detail: `DATABASE_URL ${reachable ? "answers" : "does not answer"}` };
}

async function redis(): Promise<Finding> {
  const url = process.env.REDIS_URL;
  if (!url) return { works: null, detail: "REDIS_URL is not set: the queue runs on PostgreSQL" };
  const { isQueueReachable } = await import("@reprise/queue");
  const reachable = await isQueueReachable({ backend: { kind: "redis", url } });
  return { works: reachable, detail: `REDIS_URL ${reachable ? "answers" : "does not answer"}` };
}

function chromium(): Finding {
  const path = findChromium();
  return path
    ? { works: true, detail: path }
    : {
        works: null,
        detail: "none found: the browser tests would be skipped (Debian: apt-get install chromium)",
      };
}
