import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { FromThread, ThreadTask } from "../loop/thread-messages.js";

/** Threads that a run is computed on. They are started with the program, and load their code and wasm while the request is awaited. */
export type ComputeThreads = {
  /** Gives each of `count` threads its part; called once. */
  begin(task: Omit<ThreadTask, "thread">, count: number, listen: (message: FromThread) => void): void;
};

/** More are started when a run needs them: each takes some tens of megabytes, whether it is used or not. */
const mostAhead = 8;

/** As many as the run will have, as far as the environment tells: a worker sets the number that was asked for. */
function likelyThreads(): number {
  const asked = Number(process.env.OMP_NUM_THREADS);
  return Math.min(mostAhead, asked >= 1 ? Math.floor(asked) : Math.max(2, availableParallelism()));
}

export function openThreads(on: { onError: (error: Error) => void; isOver: () => boolean }): ComputeThreads {
  const start = (isWarm: boolean) => {
    const thread = new Worker(new URL("./thread.js", import.meta.url), { workerData: { isWarm } });
    thread.on("error", on.onError);
    return thread;
  };
  const warm = Array.from({ length: likelyThreads() }, () => start(true));
  return {
    begin(task, count, listen) {
      // All or none: threads that come later than others would be late in every first step.
      const useWarm = task.compute.backend === "wasm" && count <= warm.length;
      const used = useWarm ? warm.slice(0, count) : Array.from({ length: count }, () => start(false));
      for (const thread of warm) if (!used.includes(thread)) void thread.terminate();
      used.forEach((thread, index) => {
        thread.on("message", listen);
        thread.on("exit", (code) => {
          if (!on.isOver()) on.onError(new Error(`Compute thread ${index} ended with code ${code}.`));
        });
        thread.postMessage({ ...task, thread: index });
      });
    },
  };
}
