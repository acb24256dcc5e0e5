import { createHash } from "node:crypto";
import {
  builtInTrainer,
  canonicalJson,
  decodeNumber,
  finalWeightsName,
  mostMetrics,
  settingsAmong,
  type TrainerCapabilities,
  type TrainerEvent,
} from "@reprise/contracts";
import { type StoredFile, TooManyMetricsError } from "@reprise/database";
import { type EnvironmentValues, environmentDigest, mergeEnvironment } from "@reprise/trainers";
import type { AttemptWriter } from "./attempt-writer.js";

type RecordedEvent = Exclude<TrainerEvent, { type: "log" }>;

export type EventRecorder = {
  /** Turns one event into writes. Held back only while too much is buffered. */
  record(event: RecordedEvent): Promise<void>;
  /** What belongs to every run but was not sent by the trainer: environment, configuration rung. */
  complete(): Promise<void>;
};

/** Translates the trainer protocol into what is stored of an attempt. */
export function createEventRecorder(options: {
  writer: AttemptWriter;
  capabilities: TrainerCapabilities;
  /** The worker's own fingerprint, which the trainer's values join. */
  environment: () => Promise<EnvironmentValues>;
  dataset: string;
  /** Moves a file into the store. */
  keepFile: (path: string) => Promise<StoredFile>;
}): EventRecorder {
  const { writer, capabilities } = options;
  const startedAt = performance.now();
  const directions = new Map(
    capabilities.metrics.map(({ key, split, direction }) => [key, split === "validation" ? direction : null]),
  );
  const metrics = new Set<string>();
  let environmentWritten: Promise<void> | null = null;
  let effectiveParameters: unknown = null;
  let configurationRung = false;

  const recordEnvironment = async (trainerValues: EnvironmentValues) => {
    const own = await options.environment().catch(async (error) => {
      await writer.note(`The environment of the worker could not be collected: ${String(error)}`);
      return {};
    });
    const dataset = capabilities.datasets.find(({ name }) => name === options.dataset);
    const data = { "dataset.name": options.dataset, "dataset.digest": dataset?.digest ?? null };
    const values = mergeEnvironment({ ...own, ...data }, trainerValues);
    await writer.write({ kind: "environment", values });
    // Of an attempt that goes on from another as well: a rung is of the environment that the run names, its last one.
    await writer.add((batch) =>
      batch.digests({ kind: "environment", positions: [0], digests: [environmentDigest(values)] }),
    );
  };

  /** What a program says of settings elsewhere than in an observation is a look at them all the same. */
  const recordSettings = async (values: Parameters<typeof settingsAmong>[0]): Promise<void> => {
    if (capabilities.name === builtInTrainer) return;
    const looks = settingsAmong(values);
    if (looks.length > 0)
      await writer.add((batch) => {
        for (const look of looks) batch.observation(look);
      });
  };

  const record = async (event: RecordedEvent): Promise<void> => {
    switch (event.type) {
      case "hello":
        effectiveParameters = event.effectiveParameters;
        await recordSettings(event.effectiveParameters);
        return writer.write({
          kind: "hello",
          hello: {
            effectiveParams: event.effectiveParameters,
            disclosures: event.disclosures,
            backendUsed: event.backend.used,
            backendRequested: event.backend.requested,
          },
        });
      case "environment":
        // The worker's part may take a second to collect: the events behind this one do not wait for it.
        environmentWritten = recordEnvironment(event.values);
        environmentWritten.catch(() => {});
        return recordSettings(event.values);
      case "metric": {
        metrics.add(event.key);
        if (metrics.size > mostMetrics) throw new TooManyMetricsError();
        const seconds = (performance.now() - startedAt) / 1000;
        return writer.add((batch) =>
          batch.metric({
            key: event.key,
            steps: event.steps,
            values: event.values.map(decodeNumber),
            wallTimes: event.steps.map(() => seconds),
            direction: directions.get(event.key) ?? null,
          }),
        );
      }
      case "digest":
        // The environment's rung covers the machine too, which the trainer does not know.
        if (event.kind === "environment") return;
        if (event.kind === "configuration") configurationRung = true;
        return writer.add((batch) => {
          const { type: _, ...rungs } = event;
          batch.digests(rungs);
        });
      case "tensor-digests": {
        const { type: _, ...stretch } = event;
        return writer.add((batch) => batch.tensorDigests(stretch));
      }
      case "observation": {
        const { type: _, ...look } = event;
        return writer.add((batch) => batch.observation(look));
      }
      case "capture-gap": {
        const { type: _, ...gap } = event;
        return writer.add((batch) => batch.gap(gap));
      }
      case "embedding": {
        const { type: _, ...recorded } = event;
        const vector = recorded.vector.map(decodeNumber);
        return writer.add((batch) => batch.embedding({ ...recorded, vector }));
      }
      case "predictions": {
        const dataset = capabilities.datasets.find((known) => known.name === options.dataset);
        const width = event.scores[0]?.length ?? 0;
        const named = dataset?.classes.length === width ? dataset : undefined;
        const { type: _, question, classes, positiveClass = null, ...predictions } = event;
        return writer.write({
          kind: "predictions",
          predictions: {
            ...predictions,
            ...(question ? { question: question.name } : {}),
            classes:
              question?.classes ??
              named?.classes ??
              (classes?.length === width ? classes : Array.from({ length: width }, (_, at) => String(at))),
            positiveClass: question ? question.positiveClass : named ? named.positiveClass : positiveClass,
          },
        });
      }
      case "checkpoint": {
        const file = await options.keepFile(event.path);
        const { step, epoch } = event;
        return writer.write({ kind: "checkpoint", checkpoint: { ...file, step, epoch } });
      }
      case "artifact": {
        const { type: _, path, ...rest } = event;
        const file = await options.keepFile(path);
        return writer.write({ kind: "artifact", artifact: { ...file, ...rest, name: finalWeightsName } });
      }
      case "file": {
        const { name, step } = event;
        const file = await options.keepFile(event.path);
        return writer.write({
          kind: "artifact",
          artifact: { ...file, kind: "file", name, step, epoch: null },
        });
      }
      case "thumbnails": {
        const { type: _, sheet, ...rest } = event;
        if (!sheet) return writer.write({ kind: "thumbnails", thumbnails: { ...rest, sheet } });
        const { path, ...layout } = sheet;
        const file = await options.keepFile(path);
        return writer.write({ kind: "thumbnails", thumbnails: { ...rest, sheet: { ...layout, ...file } } });
      }
      case "progress":
        return writer.add((batch) =>
          batch.progress({ done: event.done, total: event.total, unit: event.unit }),
        );
      case "reduction-order":
        return writer.add((batch) =>
          batch.reductionOrders({ firstStep: event.firstStep, orders: event.orders }),
        );
      case "done":
      case "error":
        return;
    }
  };

  return {
    record,
    async complete() {
      await (environmentWritten ?? recordEnvironment({}));
      // Of an attempt that goes on from another as well: that one had no end at which to write it.
      if (!configurationRung && effectiveParameters !== null) {
        const digest = createHash("sha256").update(canonicalJson(effectiveParameters)).digest("hex");
        await writer.add((batch) =>
          batch.digests({ kind: "configuration", positions: [0], digests: [digest] }),
        );
      }
    },
  };
}
