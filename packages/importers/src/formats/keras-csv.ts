import { headOf, type Reading } from "../files/reading.js";
import { firstLine } from "../values/csv.js";
import { type Histories, heldMetrics } from "../values/histories.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { addRows, csvIn, isCsvName, isHistoryHead } from "./csv-histories.js";
import type { Found } from "./found.js";

/** Whether a file is a history as Keras's CSVLogger writes it: `epoch` first, a row an epoch. */
export const isKerasCsv = (reading: Reading, file: string) => {
  const line = firstLine(
    headOf(reading, file, 16_384)
      .toString("utf8")
      .replace(/^\uFEFF/, ""),
  );
  // A column of steps is Lightning's, one of least values (`__MIN`) a chart's.
  const isOther = /[,;\t]"?step"?([,;\t]|$)|__MIN"?([,;\t]|$)/.test(line);
  return isCsvName(file) && /^"?epoch"?[,;\t]/i.test(line) && !isOther && isHistoryHead(line);
};

/** Files of Keras's CSVLogger: a file is a run, its name all that is known of it. */
export function readKerasCsv(reading: Reading): Found {
  const runs = reading.files
    .filter((file) => isKerasCsv(reading, file))
    .map((file) => {
      const run = emptyRun("keras-csv", file, file);
      const table = csvIn(reading, file);
      if (table === null) return run;
      const histories: Histories = new Map();
      const { restarts } = addRows(table, table.header[0] ?? "epoch", histories);
      run.metrics = heldMetrics(histories, "float64");
      run.attempts = 1 + restarts;
      if (restarts > 0) run.remarks.push("was resumed: epochs that stand twice are kept, the later counts");
      return run;
    });
  markShortRuns(runs);
  return { runs };
}
