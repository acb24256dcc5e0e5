import type { TrainerEvent } from "@reprise/contracts";
import type { Compute } from "../arithmetic/backends/start-engine.js";
import type { Work } from "../tasks/work.js";
import type { TrainingResult } from "./training.js";

/** What the main thread hands a compute thread at its start. */
export type ThreadTask = {
  work: Work;
  compute: Compute;
  /** 0 coordinates. */
  thread: number;
};

/** What compute threads tell the main thread. */
export type FromThread =
  | { type: "events"; events: TrainerEvent[] }
  | { type: "finished"; result: TrainingResult }
  | { type: "failed"; kind: "user" | "infrastructure"; message: string; hint: string | undefined };
