import { capture } from "./capture.js";

/** One NVIDIA GPU as the driver reports it. */
export type Gpu = {
  index: number;
  uuid: string;
  name: string;
  driver: string;
  memoryMiB: number | null;
  computeCapability: string | null;
  powerLimitWatts: number | null;
};

const fields = "index,uuid,name,driver_version,memory.total,compute_cap,power.limit";

/** GPUs of this machine; empty where there is no NVIDIA driver. */
export async function listGpus(command = "nvidia-smi"): Promise<Gpu[]> {
  const args = [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"];
  const { stdout, failure } = await capture(command, args, { timeoutMs: 20_000 });
  return failure ? [] : parseGpus(stdout);
}

/** Rows of `nvidia-smi --query-gpu … --format=csv,noheader,nounits`; "[N/A]" and the like become null. */
export function parseGpus(csv: string): Gpu[] {
  return csv
    .split("\n")
    .map((line) => line.split(",").map((cell) => cell.trim()))
    .filter((cells) => cells.length === fields.split(",").length && /^\d+$/.test(cells[0] ?? ""))
    .map(([index = "", uuid = "", name = "", driver = "", memory = "", capability = "", limit = ""]) => ({
      index: Number(index),
      uuid,
      name,
      driver,
      memoryMiB: finite(memory),
      computeCapability: /^\d/.test(capability) ? capability : null,
      powerLimitWatts: finite(limit),
    }));
}

/** The highest CUDA version that the driver supports, as `nvidia-smi` prints it in its header. */
export async function cudaDriverVersion(command = "nvidia-smi"): Promise<string | null> {
  const { stdout, failure } = await capture(command, [], { timeoutMs: 20_000 });
  return failure ? null : (/CUDA Version:\s*([\d.]+)/.exec(stdout)?.[1] ?? null);
}

/** The GPUs that `CUDA_VISIBLE_DEVICES` leaves, in its order; all of them when it is unset. */
export function visibleGpus(gpus: readonly Gpu[], visible: string | undefined): Gpu[] {
  if (visible === undefined) return [...gpus];
  return visible.split(",").flatMap((entry) => {
    const wanted = entry.trim();
    return gpus.filter(
      (gpu) => String(gpu.index) === wanted || (wanted.startsWith("GPU-") && gpu.uuid.startsWith(wanted)),
    );
  });
}

/** The number in a cell of nvidia-smi, null where it has none. */
export function finite(cell: string): number | null {
  const value = cell === "" ? Number.NaN : Number(cell);
  return Number.isFinite(value) ? value : null;
}
