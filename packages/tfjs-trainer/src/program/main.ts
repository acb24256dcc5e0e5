import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Algorithm, trainerProtocolVersion } from "@reprise/contracts";
import type { Compute } from "../arithmetic/backends/start-engine.js";
import type { Report } from "../data/datasets/dataset.js";
import { dataFolders } from "../data/datasets.js";
import { makeThumbnails } from "../data/thumbnails.js";
import type { FromThread } from "../loop/thread-messages.js";
import { prepareRun } from "../tasks/prepare-run.js";
import type { PreparedRun } from "../tasks/prepared-run.js";
import type { Work } from "../tasks/work.js";
import { trainerName, trainerVersion } from "../version.js";
import { openThreads } from "./compute-threads.js";
import { describeTrainer } from "./describe.js";
import { TrainerError } from "./errors.js";
import { probeBackends } from "./probe-backend.js";
import { hasEventDescriptor, readRequest, writeEvents } from "./protocol-stream.js";

/**
 * The program `tfjs`. Its main thread only speaks the protocol, so that it can always be asked to stop; the training
 * loop and the arithmetic live in compute threads, which end with the process. It may be started before its run is known, and
 * has then loaded everything but data when the request comes.
 */
const bundleFolder = fileURLToPath(new URL("./", import.meta.url));
const folders = dataFolders(join(bundleFolder, "datasets"), process.env);

/** Time between two reports of reading data, in milliseconds. */
const reportEvery = 250;

/** Exit code of a program that ended because of SIGTERM, by convention of shells. */
const terminatedExitCode = 143;

function fail(error: unknown): never {
  const known = error instanceof TrainerError;
  const message = error instanceof Error ? error.message : String(error);
  writeEvents([
    {
      type: "error",
      kind: known ? error.kind : "infrastructure",
      message: message === "" ? "The trainer failed without a message." : message,
      ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
    },
  ]);
  process.exit(1);
}

/** Set when the result is here: from then on threads may end as they like. */
let finished = false;

function announce(prepared: PreparedRun<Work>, requestedBackend: string): void {
  writeEvents([
    {
      type: "hello",
      name: trainerName,
      version: trainerVersion,
      effectiveParameters: prepared.effectiveParameters,
      unusedParameters: [],
      disclosures: prepared.disclosures,
      backend: { requested: requestedBackend, used: prepared.compute.backend },
    },
    {
      type: "digest",
      kind: "configuration",
      positions: [0],
      digests: [prepared.configurationDigest],
      algorithm: sha256Algorithm,
    },
  ]);
}

/**
 * TensorFlow reads these when it is loaded, from the environment that the whole process shares; a worker has set them
 * before, and a run by hand needs them as well.
 */
function setTensorflowVariables({ backend, algorithms }: Compute): void {
  if (backend !== "node" && backend !== "node-gpu") return;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
  for (const name of ["TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC"]) {
    if (algorithms === "deterministic") process.env[name] = "1";
    else delete process.env[name];
  }
}

/** Reports how far reading is, at most so often; the end of each part is always told. */
function createReport(): Report {
  let last = Number.NEGATIVE_INFINITY;
  return (done, total, unit) => {
    const now = performance.now();
    if (done < total && now - last < reportEvery) return;
    last = now;
    writeEvents([{ type: "progress", done, total: Math.max(done, total), unit }]);
  };
}

const warn = (message: string) => writeEvents([{ type: "log", level: "warn", message }]);

async function run(): Promise<void> {
  const threads = openThreads({ onError: fail, isOver: () => finished });
  const { request, begun } = await readRequest(() => process.exit(1));
  const read = performance.now();
  const prepared = await prepareRun(request, { folders, report: createReport(), warn });
  announce(prepared, request.backend);
  const planned = performance.now();
  const thumbnails = async () => {
    const { pictures } = prepared;
    if (!request.thumbnails) return;
    const { known } = request.thumbnails;
    // They are for looking at: whatever goes wrong with them costs no run.
    for (const shown of pictures)
      await makeThumbnails(shown, { known, folder: request.outputDirectory }).then(writeEvents, (error) =>
        warn(`No thumbnails of the cases: ${error instanceof Error ? error.message : error}`),
      );
  };
  const listen = async (message: FromThread): Promise<void> => {
    if (message.type === "events") return writeEvents(message.events);
    if (message.type === "failed") return fail(new TrainerError(message.kind, message.message, message.hint));
    const { digest, selectedEpoch, phases } = message.result;
    const data = (planned - read) / 1000;
    finished = true;
    await thumbnails();
    writeEvents([
      { type: "done", digest, selectedEpoch, phases: { start: (read - begun) / 1000, data, ...phases } },
    ]);
    process.exit(0);
  };
  const { work, compute } = prepared;
  setTensorflowVariables(compute);
  threads.begin({ work, compute }, prepared.threads, (message) => void listen(message).catch(fail));
}

if (process.argv.includes("--describe")) {
  const probes = await probeBackends(bundleFolder);
  process.stdout.write(`${JSON.stringify(await describeTrainer(folders, probes))}\n`);
} else if (!hasEventDescriptor()) {
  process.stderr.write(
    `The trainer ${trainerName} speaks protocol ${trainerProtocolVersion}: a run request on stdin, events on descriptor 3, which is not open. Use --describe to see what it can do.\n`,
  );
  process.exit(1);
} else {
  process.on("SIGTERM", () => {
    writeEvents([{ type: "log", level: "info", message: "Stopped on request (SIGTERM)." }]);
    process.exit(terminatedExitCode);
  });
  process.on("uncaughtException", fail);
  run().catch(fail);
}
