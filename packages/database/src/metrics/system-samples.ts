import { gpuSample, type SystemMetrics, type SystemSample } from "@reprise/contracts";
import { z } from "zod";
import type { Database, Sql } from "../connect.js";
import { Prisma, type SystemSample as Row } from "../generated/client.js";
import { storable } from "../storable.js";

/** So many samples of one attempt are stored, however long it runs. */
export const maxSystemSamples = 2_000;

/**
 * Of an attempt that was looked at `looks` times, every so manieth look is stored: 1 as long as all fit, then 2, 4, 8, …
 * The spacing is thereby even over the whole attempt, and between half and all of the room is used.
 */
export function systemSampleStride(looks: number): number {
  let stride = 1;
  while (Math.ceil(looks / stride) > maxSystemSamples) stride *= 2;
  return stride;
}

const bytes = (value: number | null) => (value === null ? null : BigInt(Math.round(value)));

/** Adds samples to an attempt, thins out what has become too many, and carries peak and mean on at the run. */
export async function writeSystemSamples(
  sql: Sql,
  place: { runId: string; attempt: number },
  samples: readonly SystemSample[],
): Promise<void> {
  const last = samples.at(-1);
  if (!last) return;
  const stride = systemSampleStride(last.index + 1);
  const chosen = samples.filter(({ index }) => index % stride === 0);
  await sql.systemSample.createMany({
    data: chosen.map((sample) => ({
      ...place,
      ...sample,
      residentMemoryBytes: bytes(sample.residentMemoryBytes),
      hostAvailableMemoryBytes: BigInt(Math.round(sample.hostAvailableMemoryBytes)),
      hostMemoryBytes: BigInt(Math.round(sample.hostMemoryBytes)),
      diskFreeBytes: bytes(sample.diskFreeBytes),
      gpus: sample.gpus === null ? Prisma.DbNull : storable(sample.gpus),
    })),
  });
  const { runId, attempt } = place;
  if (stride > systemSampleStride(samples[0]?.index ?? 0)) {
    await sql.$executeRaw`
      DELETE FROM system_samples WHERE run_id = ${runId}::uuid AND attempt = ${attempt} AND index % ${stride}::int <> 0`;
  }
  const memory = samples.flatMap(({ residentMemoryBytes }) => residentMemoryBytes ?? []);
  const peak = memory.length === 0 ? null : Math.round(Math.max(...memory));
  const mean = meanCpuPercent(last);
  await sql.$executeRaw`
    UPDATE runs SET
      peak_resident_memory_bytes = greatest(peak_resident_memory_bytes, ${peak}::float8::int8),
      mean_cpu_percent = coalesce(${mean}::float8, mean_cpu_percent)
    WHERE id = ${runId}::uuid`;
}

/** Percent of one processor, from the start to this sample. */
function meanCpuPercent(sample: { cpuSeconds: number | null; wallTime: number }): number | null {
  return sample.cpuSeconds === null || sample.wallTime <= 0
    ? null
    : (100 * sample.cpuSeconds) / sample.wallTime;
}

const gpuList = z.array(gpuSample).nullable();
const number = (value: bigint | null) => (value === null ? null : Number(value));
const largest = (values: readonly (number | null)[]) =>
  values.reduce((a, b) => (b === null || (a !== null && a >= b) ? a : b), null);

/**
 * Use of the machine by one attempt of a run, by default the last. Null when there is no such run; columns are empty
 * where nothing was sampled.
 */
export async function readSystemMetrics(
  db: Database,
  runId: string,
  wanted?: number,
): Promise<SystemMetrics | null> {
  const run = await db.prisma.run.findUnique({
    where: { id: runId },
    select: { attempt: true, peakResidentMemoryBytes: true, meanCpuPercent: true, trainer: true },
  });
  if (!run) return null;
  const attempt = wanted ?? run.attempt;
  const rows = await db.prisma.systemSample.findMany({
    where: { runId, attempt },
    orderBy: { index: "asc" },
  });
  const of = <T>(read: (row: Row) => T) => rows.map(read);
  const memory = of((row) => number(row.residentMemoryBytes));
  const last = rows.at(-1);
  const isLast = attempt === run.attempt;
  const gpus = gpusOf(rows);
  return {
    runId,
    attempt,
    wallTimes: of((row) => row.wallTime),
    processors: last?.processors ?? null,
    hostMemoryBytes: number(last?.hostMemoryBytes ?? null),
    series: {
      cpuPercent: cpuPercents(rows),
      cpuSeconds: of((row) => row.cpuSeconds),
      residentMemoryBytes: memory,
      threads: of((row) => row.threads),
      processes: of((row) => row.processes),
      hostCpuPercent: of((row) => row.hostCpuPercent),
      hostAvailableMemoryBytes: of((row) => number(row.hostAvailableMemoryBytes)),
      diskFreeBytes: of((row) => number(row.diskFreeBytes)),
    },
    gpus,
    // Samples that were thinned out have counted at the run.
    peakResidentMemoryBytes: isLast ? number(run.peakResidentMemoryBytes) : largest(memory),
    meanCpuPercent: isLast ? run.meanCpuPercent : last ? meanCpuPercent(last) : null,
    notes: notesOn(rows, gpus),
  };
}

/** From differences of processor time, so that samples left out between two do not matter. */
function cpuPercents(rows: readonly Row[]): (number | null)[] {
  let before: { cpuSeconds: number | null; wallTime: number } = { cpuSeconds: 0, wallTime: 0 };
  return rows.map((row) => {
    const seconds = row.wallTime - before.wallTime;
    const used =
      row.cpuSeconds === null || before.cpuSeconds === null ? null : row.cpuSeconds - before.cpuSeconds;
    if (row.cpuSeconds !== null) before = row;
    return used === null || seconds <= 0 ? null : (100 * used) / seconds;
  });
}

function gpusOf(rows: readonly Row[]): SystemMetrics["gpus"] {
  const lists = rows.map((row) => gpuList.parse(row.gpus) ?? []);
  const indices = [...new Set(lists.flatMap((list) => list.map(({ index }) => index)))].sort((a, b) => a - b);
  return indices.map((index) => {
    const own = lists.map((list) => list.find((gpu) => gpu.index === index));
    return {
      index,
      memoryBytes: largest(own.map((gpu) => gpu?.memoryBytes ?? null)),
      utilizationPercent: own.map((gpu) => gpu?.utilizationPercent ?? null),
      memoryUsedBytes: own.map((gpu) => gpu?.memoryUsedBytes ?? null),
      powerWatts: own.map((gpu) => gpu?.powerWatts ?? null),
      temperatureCelsius: own.map((gpu) => gpu?.temperatureCelsius ?? null),
    };
  });
}

function notesOn(rows: readonly Row[], gpus: SystemMetrics["gpus"]): string[] {
  if (rows.length === 0) return [];
  const notes: string[] = [];
  if (rows.every((row) => row.cpuSeconds === null)) {
    notes.push("The worker's system does not report what a process uses, so only the machine was sampled.");
  }
  if (gpus.length === 0) notes.push("The run had no GPU.");
  for (const gpu of gpus) {
    const read = [gpu.utilizationPercent, gpu.memoryUsedBytes, gpu.powerWatts, gpu.temperatureCelsius];
    if (read.every((values) => values.every((value) => value === null)))
      notes.push(`GPU ${gpu.index} gave no reading: nvidia-smi did not answer.`);
  }
  const last = rows.at(-1);
  const stride = last ? systemSampleStride(last.index + 1) : 1;
  if (stride > 1) {
    notes.push(
      `A long attempt is thinned out to at most ${maxSystemSamples.toLocaleString("en")} samples: every ${stride === 2 ? "2nd" : `${stride}th`} is kept. Peak and mean are of all.`,
    );
  }
  return notes;
}
