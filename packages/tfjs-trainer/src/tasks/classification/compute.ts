import type { TrainingResult } from "../../loop/training.js";
import type { ComputeThread } from "../compute-thread.js";
import { computeOnHost } from "./compute-on-host.js";
import type { ClassificationWork } from "./prepare.js";

/** A compute thread's part of a classifier's run. */
export async function computeClassification(
  work: ClassificationWork,
  { thread, engine, post }: ComputeThread,
): Promise<TrainingResult> {
  if (engine.kind === "host") return computeOnHost(work, { thread, backend: engine.backend, post });
  // Loaded by those alone who need it: gradients of every op of the library.
  const { computeOnDevice } = await import("./compute-on-device.js");
  return computeOnDevice(work, { device: engine.device, post });
}
