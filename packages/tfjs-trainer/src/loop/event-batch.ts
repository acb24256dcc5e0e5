import { type RungKind, sha256Algorithm, type TrainerEvent } from "@reprise/contracts";

const flushEveryMs = 200;

/**
 * Gathers the events of short epochs into few: metrics by key, digests by kind, summation orders in one stretch.
 * Numbers may be NaN or infinite here; they get their wire form when they are written.
 * Everything that was gathered is sent before any other event, so that readers see one order.
 */
export type EventBatch = {
  metric(key: string, epoch: number, value: number): void;
  digest(kind: RungKind, position: number, digest: string): void;
  /** Digests of the tensors of one part, joined, at a position of the ladder. */
  tensorDigests(part: TensorPart, position: number, digests: string): void;
  reductionOrder(step: number, order: ArrayLike<number>): void;
  progress(done: number, total: number): void;
  lastLayer(epoch: number, weights: Float32Array): void;
  /** What the probed cases look like before the last layer, a row each. */
  probe(epoch: number, rows: number[][]): void;
  predictions(of: Predictions): void;
  /** Sends an event, after everything gathered. */
  send(event: TrainerEvent): void;
  /** Sends what was gathered if that is due; called once per epoch. */
  flushIfDue(): void;
  flush(): void;
};

type TensorDigestsEvent = Extract<TrainerEvent, { type: "tensor-digests" }>;
type TensorPart = Pick<TensorDigestsEvent, "kind" | "part" | "names">;

export type Predictions = {
  split: "validation" | "test";
  question?: Extract<TrainerEvent, { type: "predictions" }>["question"];
  epoch: number;
  ids: string[];
  labels: Int32Array;
  scores: number[][];
  threshold: number | null;
  groups?: Record<string, string[]>;
  subgroups?: Record<string, string[]>;
};

type Series<T> = {
  positions: number[];
  values: T[];
};

export function createEventBatch(post: (events: TrainerEvent[]) => void): EventBatch {
  let metrics = new Map<string, Series<number>>();
  let digests = new Map<RungKind, Series<string>>();
  let tensorDigests = new Map<string, TensorDigestsEvent>();
  let orders: { firstStep: number; rows: number[][] } | null = null;
  let embeddings: TrainerEvent[] = [];
  let progress: TrainerEvent | null = null;
  let lastFlush = performance.now();

  function gather<K, T>(into: Map<K, Series<T>>, key: K, position: number, value: T): void {
    const series = into.get(key) ?? { positions: [], values: [] };
    series.positions.push(position);
    series.values.push(value);
    into.set(key, series);
  }

  function flush(): void {
    const events: TrainerEvent[] = [];
    for (const [kind, { positions, values }] of digests) {
      events.push({ type: "digest", kind, positions, digests: values, algorithm: sha256Algorithm });
    }
    events.push(...tensorDigests.values());
    if (orders) events.push({ type: "reduction-order", firstStep: orders.firstStep, orders: orders.rows });
    for (const [key, { positions, values }] of metrics) {
      events.push({ type: "metric", key, steps: positions, values });
    }
    events.push(...embeddings);
    if (progress) events.push(progress);
    if (events.length > 0) post(events);
    metrics = new Map();
    digests = new Map();
    tensorDigests = new Map();
    orders = null;
    embeddings = [];
    progress = null;
    lastFlush = performance.now();
  }

  return {
    metric: (key, epoch, value) => gather(metrics, key, epoch, value),
    digest: (kind, position, digest) => gather(digests, kind, position, digest),
    tensorDigests(part, position, digests) {
      const key = `${part.kind} ${part.part}`;
      const event = tensorDigests.get(key) ?? {
        type: "tensor-digests",
        ...part,
        positions: [],
        digests: [],
        algorithm: sha256Algorithm,
      };
      event.positions.push(position);
      event.digests.push(digests);
      tensorDigests.set(key, event);
    },
    reductionOrder(step, order) {
      orders ??= { firstStep: step, rows: [] };
      orders.rows.push(Array.from(order));
    },
    progress(done, total) {
      progress = { type: "progress", done, total, unit: "epochs" };
    },
    lastLayer(epoch, weights) {
      embeddings.push({ type: "embedding", of: "lastLayerWeights", epoch, vector: Array.from(weights) });
    },
    probe(epoch, rows) {
      const shape: [number, number] = [rows.length, rows[0]?.length ?? 0];
      embeddings.push({ type: "embedding", of: "probe", epoch, shape, vector: rows.flat() });
    },
    predictions({ ids, labels, scores, ...rest }) {
      flush();
      post([
        {
          type: "predictions",
          ...rest,
          ids,
          labels: Array.from(labels),
          scores,
        },
      ]);
    },
    send(event) {
      flush();
      post([event]);
    },
    flushIfDue() {
      if (performance.now() - lastFlush >= flushEveryMs) flush();
    },
    flush,
  };
}
