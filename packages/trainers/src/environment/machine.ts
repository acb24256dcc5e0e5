import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Environment } from "@reprise/contracts";
import si from "systeminformation";

export type EnvironmentValues = Environment["values"];

/**
 * What of this machine can change a result: operating system, processor, memory, C library (its mathematics),
 * Node. Nothing that differs between two looks at the same machine: no clock rates, free memory, host names,
 * serial numbers.
 */
export async function machineValues(): Promise<EnvironmentValues> {
  const [cpu, os] = await Promise.all([si.cpu(), si.osInfo()]);
  const flags = cpu.flags.split(/\s+/).filter(Boolean).sort();
  return {
    "os.platform": os.platform,
    "os.distribution": `${os.distro} ${os.release}`.trim(),
    "os.kernel": os.kernel,
    "os.architecture": os.arch,
    "os.container": containerHint(process.env),
    "container.image": containerImage(process.env),
    "cpu.model": cpus()[0]?.model.trim() ?? null,
    "cpu.vendor": cpu.vendor,
    "cpu.family": cpu.family,
    "cpu.modelNumber": cpu.model,
    "cpu.stepping": cpu.stepping,
    "cpu.simd": simdOf(flags),
    "cpu.flagsDigest": flags.length > 0 ? sha256(flags.join(" ")) : null,
    "cpu.cores": cpu.physicalCores,
    "cpu.threads": cpu.cores,
    "cpu.available": availableParallelism(),
    "memory.gib": Math.round(totalmem() / 2 ** 30),
    "libc.version": libcVersion(),
    "node.version": process.versions.node,
    "node.v8": process.versions.v8,
  };
}

/** Of the processor's flags those that libraries choose their kernels by; null where no flags are told. */
export function simdOf(flags: readonly string[]): string | null {
  const chosen = flags.filter((flag) => /^(sse|ssse3|avx|fma|f16c|amx|asimd|neon|sve|vsx)/i.test(flag));
  return flags.length > 0 ? [...chosen].sort().join(" ") : null;
}

function libcVersion(): string | null {
  const report: unknown = process.report?.getReport();
  if (typeof report !== "object" || report === null || !("header" in report)) return null;
  const { header } = report;
  if (typeof header !== "object" || header === null || !("glibcVersionRuntime" in header)) return null;
  return typeof header.glibcVersionRuntime === "string" ? header.glibcVersionRuntime : null;
}

/** The kind of container this process seems to run in, "none" without a sign of one. */
function containerHint(environment: NodeJS.ProcessEnv): string {
  if (environment.KUBERNETES_SERVICE_HOST) return "kubernetes";
  if (environment.APPTAINER_NAME || environment.SINGULARITY_NAME) return "apptainer";
  if (existsSync("/run/.containerenv")) return "podman";
  if (existsSync("/.dockerenv")) return "docker";
  try {
    const groups = readFileSync("/proc/1/cgroup", "utf8");
    return /kubepods|docker|lxc|containerd/.exec(groups)?.[0] ?? "none";
  } catch {
    return "none";
  }
}

/**
 * The image this container was made from, null where nothing tells: a process cannot see it, except under Podman and
 * Apptainer; for Docker and Kubernetes `REPRISE_CONTAINER_IMAGE` says it (name with digest).
 */
export function containerImage(environment: NodeJS.ProcessEnv, mark = "/run/.containerenv"): string | null {
  const { REPRISE_CONTAINER_IMAGE, APPTAINER_CONTAINER, SINGULARITY_CONTAINER } = environment;
  const told = REPRISE_CONTAINER_IMAGE || APPTAINER_CONTAINER || SINGULARITY_CONTAINER;
  if (told) return told;
  try {
    const lines = readFileSync(mark, "utf8");
    const value = (key: string) => new RegExp(`^${key}="(.+)"$`, "m").exec(lines)?.[1];
    return [value("image"), value("imageid")].filter(Boolean).join(" ") || null;
  } catch {
    return null;
  }
}

export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
