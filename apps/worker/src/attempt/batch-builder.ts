import {
  type CaptureGap,
  type LogLine,
  type Observation,
  type Progress,
  type SystemSample,
  sha256Algorithm,
  type TensorDigests,
} from "@reprise/contracts";
import type { AttemptBatch, RecordedEmbedding } from "@reprise/database";

type BatchContent = Omit<AttemptBatch, "batch">;
type Metric = BatchContent["metrics"][number];

/** Text of logs that one batch carries; a program that prints faster is cut, with a note of how much. */
const maxLogCharacters = 512 * 1024;

/**
 * Gathers what a trainer sends into one batch: one entry per metric key and per kind of rung, in the order of
 * arrival.
 */
export type BatchBuilder = {
  metric(metric: Metric): void;
  digests(entry: BatchContent["digests"][number]): void;
  tensorDigests(stretch: TensorDigests): void;
  observation(look: Observation): void;
  gap(gap: CaptureGap): void;
  log(entry: { stream: LogLine["stream"]; at: Date; text: string }): void;
  reductionOrders(entry: { firstStep: number; orders: number[][] }): void;
  embedding(entry: RecordedEmbedding): void;
  system(sample: SystemSample): void;
  progress(progress: Progress): void;
  isEmpty(): boolean;
  /** Rough size in memory. */
  bytes(): number;
  build(): BatchContent;
};

/** In place: a copy for every event would cost the square of their number. */
function append<T>(to: T[], items: readonly T[]): void {
  for (const item of items) to.push(item);
}

export function createBatchBuilder(): BatchBuilder {
  const metrics = new Map<string, Metric>();
  const digests = new Map<string, BatchContent["digests"][number]>();
  const tensorDigests: TensorDigests[] = [];
  const observations: Observation[] = [];
  const gaps: CaptureGap[] = [];
  const logs: BatchContent["logs"] = [];
  const orders: BatchContent["reductionOrders"] = [];
  const embeddings: RecordedEmbedding[] = [];
  const system: SystemSample[] = [];
  let progress: Progress | null = null;
  let bytes = 0;
  let logCharacters = 0;
  let cutLines = 0;

  return {
    metric(metric) {
      bytes += 24 * metric.steps.length + 100;
      const known = metrics.get(metric.key);
      if (!known) {
        metrics.set(metric.key, {
          ...metric,
          steps: [...metric.steps],
          values: [...metric.values],
          wallTimes: [...metric.wallTimes],
        });
        return;
      }
      append(known.steps, metric.steps);
      append(known.values, metric.values);
      append(known.wallTimes, metric.wallTimes);
    },
    digests(entry) {
      bytes += 100 * entry.digests.length;
      const { kind, algorithm = sha256Algorithm } = entry;
      const key = `${kind} ${algorithm}`;
      const known = digests.get(key);
      if (!known) {
        const { positions, digests: given } = entry;
        digests.set(key, { kind, algorithm, positions: [...positions], digests: [...given] });
        return;
      }
      append(known.positions, entry.positions);
      append(known.digests, entry.digests);
    },
    tensorDigests(stretch) {
      bytes += stretch.digests.length * ((stretch.digests[0]?.length ?? 0) + 50);
      tensorDigests.push(stretch);
    },
    observation(look) {
      bytes += 100 + look.name.length + String(look.value).length;
      observations.push(look);
    },
    gap(gap) {
      bytes += 100 + gap.what.length + gap.reason.length;
      gaps.push(gap);
    },
    log(entry) {
      if (logCharacters + entry.text.length > maxLogCharacters) {
        cutLines += 1;
        return;
      }
      logCharacters += entry.text.length;
      bytes += entry.text.length + 100;
      logs.push(entry);
    },
    reductionOrders(entry) {
      bytes += entry.orders.length * (8 * (entry.orders[0]?.length ?? 0) + 16);
      orders.push(entry);
    },
    embedding(entry) {
      bytes += 8 * entry.vector.length;
      embeddings.push(entry);
    },
    system(sample) {
      bytes += 200 + 100 * (sample.gpus?.length ?? 0);
      system.push(sample);
    },
    progress(now) {
      bytes += 10;
      progress = now;
    },
    isEmpty: () => bytes === 0,
    bytes: () => bytes,
    build: () => ({
      metrics: [...metrics.values()],
      digests: [...digests.values()],
      tensorDigests,
      observations,
      gaps,
      logs:
        cutLines === 0
          ? logs
          : [
              ...logs,
              {
                stream: "worker",
                at: new Date(),
                text: `${cutLines} lines were printed too fast and left out.`,
              },
            ],
      reductionOrders: orders,
      embeddings,
      system,
      progress,
    }),
  };
}
