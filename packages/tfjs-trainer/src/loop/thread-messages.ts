import type { TrainerEvent } from "@reprise/contracts";
import type { Compute } from "../arithmetic/backends/start-engine.js";
import type { Work } from "../tasks/work.js";
import type { TrainingResult } from "./training.js";

/** What a compute thread knows at its start: whether it begins with wasm before it has a task, which is then on wasm. */
export type ThreadStart = { isWarm: boolean };

/** What the main thread hands a compute thread then. */
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
