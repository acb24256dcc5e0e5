// Clients of a server under load, in a thread of their own: event streams that are read, and programs that log runs step by step. Told to
// `look`, it tells what calls took since it was asked last; told to `follow` a study, the streams go over to it.
import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

const { url, streams, loggers } = workerData;
const root = `${url}/api/v1`;
/** Kind of call → milliseconds. */
let took = {};
let events = 0;
let broken = 0;

/** Streams that are open. */
let following = [];

function follow(sweepId) {
  let isWanted = true;
  const stream = get(`${root}/sweeps/${sweepId}/events`, { agent: false }, (answer) => {
    answer.on("data", (chunk) => {
      events += chunk.toString().split("\n\n").length - 1;
    });
    answer.on("close", () => {
      broken += isWanted ? 1 : 0;
    });
  });
  stream.on("error", () => {
    broken += isWanted ? 1 : 0;
  });
  return () => {
    isWanted = false;
    stream.destroy();
  };
}

function followAll(sweepId) {
  const former = following;
  following = Array.from({ length: streams }, () => follow(sweepId));
  for (const leave of former) leave();
}

const post = async (kind, path, body) => {
  const asked = performance.now();
  const answer = await fetch(`${root}${path}`, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  took[kind] ??= [];
  took[kind].push(performance.now() - asked);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(read)}`);
  return read;
};

/** A run of a hundred steps, ten a second, and the next. */
async function log(index) {
  for (let repeat = 0; ; repeat++) {
    const study = `logged by ${index}`;
    const { id } = await post("a logged run begins", "/runs", {
      study,
      dataset: "slides",
      params: { index },
      seed: repeat,
    });
    for (let step = 1; step <= 100; step++) {
      await post("a report of a logged run", `/runs/${id}/metrics`, {
        ...{ step, metrics: { trainLoss: 1 / step, validationAccuracy: 0.9 } },
        logs: [{ stream: "stdout", text: `step ${step}` }],
      });
      await pause(100);
    }
    await post("a logged run ends", `/runs/${id}/finish`, { status: "succeeded" });
  }
}

followAll(workerData.sweepId);
for (let index = 0; index < loggers; index++)
  log(index).catch((error) => parentPort.postMessage({ failed: String(error) }));
parentPort.on("message", (message) => {
  if (message !== "look") return followAll(message.follow);
  parentPort.postMessage({ took, events, broken });
  took = {};
});
