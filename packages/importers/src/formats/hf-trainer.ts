import { folderOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { deepWords, isObject, measuredOf, shallowJson } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import type { Found } from "./found.js";

const stateFile = "trainer_state.json";
const checkpoint = /^checkpoint-(\d+)$/;

function jsonIn(reading: Reading, file: string): Record<string, unknown> | null {
  const text = textOf(reading, file);
  const { value, leftOut } = shallowJson(text ?? "");
  if (leftOut.length > 0) warn(reading, file, deepWords(leftOut));
  if (isObject(value)) return value;
  if (text !== null && leftOut.length === 0)
    warn(
      reading,
      file,
      text.trim() === "" ? "is empty" : "is not complete JSON: it was cut off, or is of another kind",
    );
  return null;
}

const isTrainerState = (file: string) => nameOf(file) === stateFile;

/**
 * Output folders of Hugging Face's Trainer. The state of the whole training stands in the folder itself; a run that has it in a
 * checkpoint only did not come to its end. Settings are in a pickle, which is not read.
 */
export function readHfTrainer(reading: Reading): Found {
  const states = new Map<string, { file: string; step: number }[]>();
  for (const file of reading.files.filter(isTrainerState)) {
    const folder = folderOf(file);
    const step = checkpoint.exec(nameOf(folder))?.[1];
    const run = step === undefined ? folder : folderOf(folder);
    const list = states.get(run) ?? [];
    list.push({ file, step: step === undefined ? Number.POSITIVE_INFINITY : Number(step) });
    states.set(run, list);
  }
  const runs = [...states].flatMap(([folder, found]) => {
    const run = emptyRun("hf-trainer", folder === "" ? reading.name : folder, folder || ".");
    run.name = nameOf(run.source.id);
    const histories: Histories = new Map();
    const read = found
      .toSorted((a, b) => b.step - a.step)
      .map((entry) => ({ ...entry, state: jsonIn(reading, entry.file) }))
      .find(({ state }) => Array.isArray(state?.log_history));
    if (read === undefined) return [];
    const history = read.state?.log_history;
    for (const row of Array.isArray(history) ? history : []) {
      if (!isObject(row)) continue;
      const step = measuredOf(row.step) ?? 0;
      for (const [name, value] of Object.entries(row)) {
        const number = name === "step" || name === "epoch" ? null : measuredOf(value);
        if (number !== null) addPoint(histories, name, step, number);
      }
    }
    run.metrics = heldMetrics(histories, "float64");
    if (isObject(read.state?.trial_params)) Object.assign(run, flatParams(read.state.trial_params));
    addResults(reading, folder, run);
    if (Number.isFinite(read.step)) {
      run.doubtful =
        "has its state in a checkpoint only: it did not come to its end, or was saved without it";
    }
    if (reading.has(folder === "" ? "training_args.bin" : `${folder}/training_args.bin`)) {
      run.remarks.push("settings are in training_args.bin, a pickle, which is not read");
    }
    return [run];
  });
  markShortRuns(runs);
  return { runs };
}

/** Final results that are no points of a history. */
function addResults(reading: Reading, folder: string, run: ReturnType<typeof emptyRun>) {
  for (const name of ["all_results.json", "train_results.json", "eval_results.json", "test_results.json"]) {
    const file = folder === "" ? name : `${folder}/${name}`;
    if (!reading.has(file)) continue;
    for (const [key, value] of Object.entries(jsonIn(reading, file) ?? {})) {
      const number = key === "epoch" || Object.hasOwn(run.metrics, key) ? null : measuredOf(value);
      if (number !== null) run.summary[key] = number;
    }
  }
}
