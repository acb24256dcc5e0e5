import type { TrainerEvent } from "@reprise/contracts";
import type { Engine } from "../arithmetic/backends/start-engine.js";

/** A compute thread as a task sees it. */
export type ComputeThread = {
  /** 0 coordinates: it runs the training loop, reports, and computes shards as the others do. */
  thread: number;
  engine: Engine;
  post: (events: TrainerEvent[]) => void;
};
