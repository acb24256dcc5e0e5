import type { ForeignRun } from "@reprise/contracts";
import { isEventHead } from "../binary/event-records.js";
import { folderOf, headOf, nameOf, type Reading, warn } from "../files/reading.js";
import { type Histories, heldMetrics } from "../values/histories.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { isoOf } from "../values/times.js";
import { type EventFolder, emptyFolder, readEventFile } from "./event-file.js";
import type { Found } from "./found.js";

/** Folders in which Keras and others keep a run's histories by subset. */
const subsets = new Set(["train", "training", "validation", "valid", "val", "test", "eval", "evaluation"]);

export const isEventFile = (file: string) => nameOf(file).includes("tfevents");

/** Files of one folder in the order of their making: seconds in the name, then the number behind it. */
const inOrder = (files: readonly string[]) =>
  files.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));

const hostOf = (file: string) =>
  /tfevents\.\d+\.([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*?)(?:\.\d|$)/.exec(nameOf(file))?.[1] ?? null;

/** What every folder's event files hold. */
function readEventFolders(reading: Reading): Map<string, EventFolder & { files: string[] }> {
  const folders = new Map<string, string[]>();
  for (const file of reading.files.filter(isEventFile)) {
    const head = headOf(reading, file, 12);
    if (head.length < 12) {
      warn(reading, file, "is empty: no event had been written when it was copied");
      continue;
    }
    if (!isEventHead(head)) {
      warn(reading, file, "does not begin with an event: the checksum of its first length is wrong");
      continue;
    }
    const list = folders.get(folderOf(file)) ?? [];
    list.push(file);
    folders.set(folderOf(file), list);
  }
  return new Map(
    [...folders].map(([folder, files]) => {
      const held = emptyFolder();
      for (const file of inOrder(files)) readEventFile(reading, file, held);
      return [folder, { ...held, files: inOrder(files) }];
    }),
  );
}

/** The folder that is the run of this one: a subset's, or that of `add_hparams`, belongs to the one above. */
function runFolderOf(folder: string, folders: ReadonlyMap<string, EventFolder>): string {
  const parent = folderOf(folder);
  const isInner = folder !== "";
  if (isInner && subsets.has(nameOf(folder).toLowerCase())) return parent;
  const hasSiblings = [...subsets].some((name) => folders.has(parent === "" ? name : `${parent}/${name}`));
  const isSession = folders.get(folder)?.session.hparams !== null;
  return isInner && isSession && (folders.has(parent) || hasSiblings) ? parent : folder;
}

/** TensorBoard's event files: a folder is a run, with the histories of its subsets' folders and of its hyperparameters' one. */
export function readTensorboard(reading: Reading): Found {
  const folders = readEventFolders(reading);
  const grouped = new Map<string, string[]>();
  for (const folder of folders.keys()) {
    const run = runFolderOf(folder, folders);
    grouped.set(run, [...(grouped.get(run) ?? []), folder]);
  }
  const runs = [...grouped].map(([folder, inner]) => runOf(reading, folder, inner, folders));
  markShortRuns(runs);
  return { runs };
}

function runOf(
  reading: Reading,
  folder: string,
  inner: readonly string[],
  folders: ReadonlyMap<string, EventFolder & { files: string[] }>,
): ForeignRun {
  const id = folder === "" ? reading.name : folder;
  const run = emptyRun("tensorboard", id, folder || ".");
  const parts = inner
    .map((name) => ({ name, held: folders.get(name) }))
    .filter(({ held }) => held !== undefined);
  const histories: Histories = new Map();
  for (const { name, held } of parts) {
    const prefix = name === folder ? "" : `${folder === "" ? name : name.slice(folder.length + 1)}/`;
    for (const [tag, history] of held?.histories ?? []) histories.set(`${prefix}${tag}`, history);
  }
  const sessions = parts.map(({ held }) => held?.session).filter((session) => session !== undefined);
  Object.assign(run, flatParams(Object.assign({}, ...sessions.map(({ hparams }) => hparams ?? {}))));
  const start = sessions.find((session) => session.start !== null)?.start ?? null;
  const end = sessions.find((session) => session.end !== null)?.end ?? null;
  // `add_hparams` writes a session that succeeded, with no time, whatever becomes of the run.
  if (end !== null && (end.time !== null || start !== null)) {
    run.status =
      end.status === 1 ? "finished" : end.status === 2 ? "failed" : end.status === 3 ? "running" : "unknown";
    run.endedAt = end.time === null ? null : isoOf(end.time * 1000);
  }
  if (start !== null && end === null)
    run.doubtful = "has no end of its session: it may be running, or was lost";
  run.startedAt = start === null ? null : isoOf(start * 1000);
  run.host =
    parts
      .flatMap(({ held }) => held?.files ?? [])
      .map(hostOf)
      .find((host) => host !== null) ?? null;
  run.attempts = 1 + parts.reduce((most, { held }) => Math.max(most, held?.restarts ?? 0), 0);
  const isDouble = parts.some(({ held }) => held?.isDouble);
  run.metrics = heldMetrics(
    histories,
    isDouble ? "float64" : "float32",
    start === null ? null : start * 1000,
  );
  if (!isDouble) run.remarks.push("values are stored in single precision: seven digits");
  if (run.attempts > 1) run.remarks.push("was resumed: what a restart discards is kept as superseded");
  return run;
}
