import { folderOf, headOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { firstLine } from "../values/csv.js";
import { type Histories, heldMetrics } from "../values/histories.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { yamlFault, yamlValue } from "../values/yaml.js";
import { addRows, csvIn } from "./csv-histories.js";
import type { Found } from "./found.js";

/** Whether a file is what Lightning's CSVLogger writes: `metrics.csv` with a column `step`. */
export const isLightningCsv = (reading: Reading, file: string) =>
  nameOf(file) === "metrics.csv" &&
  /(^|,)"?step"?(,|$)/.test(firstLine(headOf(reading, file, 16_384).toString("utf8")));

/** Settings beside a history: `hparams.yaml`, as `save_hyperparameters` and `log_hyperparams` leave it. */
function hparamsBeside(reading: Reading, folder: string): unknown {
  const file = folder === "" ? "hparams.yaml" : `${folder}/hparams.yaml`;
  if (!reading.has(file)) return {};
  const text = textOf(reading, file);
  if (text === null) return {};
  try {
    return yamlValue(text, "pyyaml") ?? {};
  } catch (error) {
    warn(reading, file, yamlFault(error));
    return {};
  }
}

/** Folders of Lightning's CSVLogger. Steps are global steps, `epoch` is one of the columns; neither is shifted. */
export function readLightningCsv(reading: Reading): Found {
  const runs = reading.files
    .filter((file) => isLightningCsv(reading, file))
    .map((file) => {
      const folder = folderOf(file);
      const run = emptyRun("lightning-csv", folder === "" ? reading.name : folder, folder || ".");
      run.name = nameOf(run.source.id);
      Object.assign(run, flatParams(hparamsBeside(reading, folder)));
      const table = csvIn(reading, file);
      if (table === null) return run;
      const histories: Histories = new Map();
      const { restarts } = addRows(table, "step", histories);
      run.metrics = heldMetrics(histories, "float64");
      run.attempts = 1 + restarts;
      return run;
    });
  markShortRuns(runs);
  return { runs };
}
