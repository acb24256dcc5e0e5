import { folderOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { flatParams } from "../values/params.js";
import { pythonValue } from "../values/python-text.js";
import { countsOf, emptyRun, markShortRuns } from "../values/run.js";
import type { Found } from "./found.js";
import { addJsonLines } from "./hydra.js";

/** Folders of OpenCLIP's runs: `params.txt` beside `out.log` or the results of its checkpoints. */
export const openClipFolders = (files: readonly string[]): string[] => {
  const known = new Set(files);
  return files
    .filter((file) => nameOf(file) === "params.txt")
    .map(folderOf)
    .filter((folder) => {
      const inner = (name: string) => (folder === "" ? name : `${folder}/${name}`);
      return known.has(inner("out.log")) || known.has(inner("checkpoints/results.jsonl"));
    });
};

/** `name: str(value)` a line; a line without a name goes on with the value before it. */
function paramsOf(text: string): Record<string, unknown> {
  const values: [string, string][] = [];
  for (const line of text.replace(/\r?\n$/, "").split("\n")) {
    const [, name, value] = /^([A-Za-z_]\w*): ?(.*)$/s.exec(line) ?? [];
    const last = values.at(-1);
    if (name !== undefined) values.push([name, value ?? ""]);
    else if (last !== undefined) last[1] += `\n${line}`;
  }
  return Object.fromEntries(values.map(([name, value]) => [name, pythonValue(value)]));
}

/** Training values of the log: `Train Epoch: 0 […] … Loss: 0.65287 (0.65287)`, epochs from 0, five digits. */
function addLog(text: string, histories: Histories) {
  for (const line of text.split("\n")) {
    // From its first place alone: a pattern that tries every place takes the square of a line's length.
    const from = line.indexOf("Train Epoch: ");
    const [, epoch, rest = ""] =
      /^Train Epoch: (\d+) \[[^\]]*\](.*)$/.exec(from < 0 ? "" : line.slice(from)) ?? [];
    if (epoch === undefined) continue;
    for (const [, name = "", value] of rest.matchAll(
      /(\S{0,200}[Ll]oss): (-?[\d.]+(?:e[-+]?\d+)?|nan|-?inf) \(/g,
    )) {
      const number = pythonValue(value ?? "");
      if (typeof number === "number") addPoint(histories, name, Number(epoch), number);
    }
  }
}

/** Log folders of OpenCLIP. Evaluations count epochs from 1, the log of training from 0: each as it stands. */
export function readOpenClip(reading: Reading): Found {
  const folders = openClipFolders(reading.files);
  const counts = countsOf(folders.map(nameOf));
  const runs = folders.map((folder) => {
    const inner = (name: string) => (folder === "" ? name : `${folder}/${name}`);
    const base = folder === "" ? reading.name : nameOf(folder);
    const run = emptyRun("open-clip", (counts.get(base) ?? 0) > 1 ? folder : base, folder || ".");
    run.name = base;
    Object.assign(run, flatParams(paramsOf(textOf(reading, inner("params.txt")) ?? "")));
    const results: Histories = new Map();
    if (reading.has(inner("checkpoints/results.jsonl"))) {
      const { broken } = addJsonLines(textOf(reading, inner("checkpoints/results.jsonl")) ?? "", results);
      if (broken > 0)
        warn(reading, inner("checkpoints/results.jsonl"), `has ${broken} lines that are not JSON`);
    } else
      warn(
        reading,
        folder,
        "holds no checkpoints/results.jsonl: nothing was evaluated, or it was not copied",
      );
    const logged: Histories = new Map();
    if (reading.has(inner("out.log"))) addLog(textOf(reading, inner("out.log")) ?? "", logged);
    run.metrics = { ...heldMetrics(logged, "float64"), ...heldMetrics(results, "float64") };
    if (logged.size > 0)
      run.remarks.push("losses of training are from out.log: five digits, epochs counted from 0");
    return run;
  });
  markShortRuns(runs);
  return { runs };
}
