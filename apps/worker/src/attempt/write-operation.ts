import type { Environment, Predictions, Parameters as RunParameters } from "@reprise/contracts";
import {
  type AttemptBatch,
  type AttemptEnd,
  type AttemptRef,
  type Database,
  finishAttempt,
  type RecordedThumbnails,
  recordArtifact,
  recordCheckpoint,
  recordEnvironment,
  recordHello,
  recordPredictions,
  recordThumbnails,
  type StoredFile,
  writeBatch,
} from "@reprise/database";

/**
 * One write of an attempt. All can be repeated without harm, since a lost connection leaves open whether they were
 * done.
 */
export type WriteOperation =
  | { kind: "batch"; batch: AttemptBatch }
  | {
      kind: "hello";
      hello: {
        effectiveParams: RunParameters;
        disclosures: string[];
        backendUsed: string;
        backendRequested: string;
      };
    }
  | { kind: "environment"; values: Environment["values"] }
  | { kind: "predictions"; predictions: Predictions }
  | { kind: "checkpoint"; checkpoint: StoredFile & { step: number; epoch: number } }
  | { kind: "artifact"; artifact: Parameters<typeof recordArtifact>[2] }
  | { kind: "thumbnails"; thumbnails: RecordedThumbnails }
  | { kind: "finish"; end: AttemptEnd };

export async function performWrite(db: Database, ref: AttemptRef, operation: WriteOperation): Promise<void> {
  switch (operation.kind) {
    case "batch":
      return writeBatch(db, ref, operation.batch);
    case "hello":
      return recordHello(db, ref, operation.hello);
    case "environment":
      await recordEnvironment(db, ref, operation.values);
      return;
    case "predictions":
      return recordPredictions(db, ref, operation.predictions);
    case "checkpoint":
      return recordCheckpoint(db, ref, operation.checkpoint);
    case "artifact":
      return recordArtifact(db, ref, operation.artifact);
    case "thumbnails":
      return recordThumbnails(db, ref, operation.thumbnails);
    case "finish":
      return finishAttempt(db, ref, operation.end);
  }
}

/** Rough size in memory. */
export function sizeOf(operation: WriteOperation): number {
  if (operation.kind === "predictions") {
    const { ids, scores, groups = {}, subgroups = {} } = operation.predictions;
    const columns = Object.keys(groups).length + Object.keys(subgroups).length;
    return ids.length * (40 + 8 * (scores[0]?.length ?? 0) + 16 * columns);
  }
  return 1_000;
}
