// Asks a server for its health all the time, from a thread of its own, and tells the longest wait since it was asked last: for benches whose own thread is busy.
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

let longest = 0;
parentPort.on("message", () => {
  parentPort.postMessage(longest);
  longest = 0;
});
for (;;) {
  const asked = performance.now();
  await fetch(`${workerData}/healthz`).then((answer) => answer.arrayBuffer());
  longest = Math.max(longest, performance.now() - asked);
  await pause(5);
}
