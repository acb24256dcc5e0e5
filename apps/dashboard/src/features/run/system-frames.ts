import type { SystemMetrics } from "@reprise/contracts";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { memoryUnit } from "../../shared/format/bytes.js";
import { count } from "../../shared/format/numbers.js";

type Column = readonly (number | null)[];
type SystemChart = {
  title: string;
  yLabel: string;
  unit: string;
  values: Column;
  /** Upper end of the axis; the lower is 0. */
  top: number;
};
/** Charts of one subject, with their question and their figures. */
export type SystemFrame = { title: string; lead: string; panels: SystemChart[]; data: ChartData };

const isRead = (column: Column) => column.some((value) => value !== null);
const topOf = (column: Column) => column.reduce<number>((top, value) => Math.max(top, value ?? 0), 0) || 1;

/** Seconds for some minutes, then minutes, then hours. */
export function timeAxis(wallTimes: readonly number[]): { times: number[]; label: string } {
  const last = wallTimes.at(-1) ?? 0;
  const [size, label] = last < 300 ? [1, "seconds"] : last < 18_000 ? [60, "minutes"] : [3600, "hours"];
  return { times: wallTimes.map((seconds) => Math.round((seconds / size) * 100) / 100), label };
}

const plain = (title: string, yLabel: string, unit: string, values: Column, top = topOf(values)) => ({
  title,
  yLabel,
  unit,
  values,
  top,
});

/** Bytes in the unit that suits the largest of them. */
function memoryChart(title: string, yLabel: string, column: Column, top = topOf(column)): SystemChart {
  const { unit, bytes } = memoryUnit(top);
  return plain(
    title,
    yLabel,
    unit,
    column.map((value) => (value === null ? null : value / bytes)),
    top / bytes,
  );
}

function dataOf(wallTimes: readonly number[], columns: Record<string, Column>): ChartData {
  const named = Object.entries(columns);
  return {
    columns: ["wall time (s)", ...named.map(([name]) => name)],
    rows: wallTimes.map((seconds, row) => [seconds, ...named.map(([, column]) => column[row] ?? null)]),
  };
}

/** Null where the worker's system does not tell processes apart. */
export function trainerFrame({ wallTimes, series }: SystemMetrics): SystemFrame | null {
  if (!isRead(series.cpuPercent)) return null;
  return {
    title: "What did the trainer use?",
    lead: "",
    panels: [
      plain("Processor (100 % is one)", "busy", "%", series.cpuPercent),
      memoryChart("Resident memory", "memory", series.residentMemoryBytes),
      // Whole numbers on the axis.
      plain("Threads", "threads", "", series.threads, 5 * Math.ceil(topOf(series.threads) / 5)),
    ],
    data: dataOf(wallTimes, {
      "processor (% of one)": series.cpuPercent,
      "processor time (s)": series.cpuSeconds,
      "resident memory (bytes)": series.residentMemoryBytes,
      threads: series.threads,
      processes: series.processes,
    }),
  };
}

export function machineFrame({ wallTimes, series, processors, hostMemoryBytes }: SystemMetrics): SystemFrame {
  const charts = [
    plain(
      processors === null || processors < 3 ? "All processors" : `All ${count(processors)} processors`,
      "busy",
      "%",
      series.hostCpuPercent,
      100,
    ),
    memoryChart(
      "Available memory",
      "available",
      series.hostAvailableMemoryBytes,
      hostMemoryBytes ?? undefined,
    ),
    memoryChart("Free disk for checkpoints and weights", "free", series.diskFreeBytes),
  ];
  return {
    title: "What else did the machine do?",
    lead: "Everything on the worker's machine, this run included; memory that is available without swapping.",
    panels: charts.filter(({ values }) => isRead(values)),
    data: dataOf(wallTimes, {
      "all processors (%)": series.hostCpuPercent,
      "available memory (bytes)": series.hostAvailableMemoryBytes,
      "free disk (bytes)": series.diskFreeBytes,
    }),
  };
}

/** Null where the GPU gave no reading. */
export function gpuFrame(
  { wallTimes }: SystemMetrics,
  gpu: SystemMetrics["gpus"][number],
): SystemFrame | null {
  const charts = [
    plain("Busy", "busy", "%", gpu.utilizationPercent, 100),
    memoryChart("Memory", "in use", gpu.memoryUsedBytes, gpu.memoryBytes ?? undefined),
    plain("Power", "power", "W", gpu.powerWatts),
    plain("Temperature", "temperature", "°C", gpu.temperatureCelsius),
  ].filter(({ values }) => isRead(values));
  if (charts.length === 0) return null;
  return {
    title: `How busy was GPU ${gpu.index}?`,
    lead: "What nvidia-smi reports for the whole device, whichever process used it.",
    panels: charts,
    data: dataOf(wallTimes, {
      "busy (%)": gpu.utilizationPercent,
      "memory in use (bytes)": gpu.memoryUsedBytes,
      "power (W)": gpu.powerWatts,
      "temperature (°C)": gpu.temperatureCelsius,
    }),
  };
}
