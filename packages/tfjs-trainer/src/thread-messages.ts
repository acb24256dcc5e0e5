import type { TrainerEvent } from "@reprise/contracts";
import type { Memory } from "./memory.js";
import type { RunPlan } from "./plan.js";
import type { TrainingResult } from "./training.js";

/** What the main thread hands a compute thread at its start. */
export interface ThreadTask {
  plan: RunPlan;
  memory: Memory;
  /** 0 coordinates. */
  thread: number;
}

/** What compute threads tell the main thread. */
export type FromThread =
  | { type: "events"; events: TrainerEvent[] }
  | { type: "finished"; result: TrainingResult }
  | { type: "failed"; kind: "user" | "infrastructure"; message: string; hint: string | undefined };
